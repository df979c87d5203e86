"""Makes a backbone's background from everyday pictures."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import BackboneSpec
from training.background import Background, build_background
from training.embed import Box, view
from training.engines import choose_engine
from training.errors import LearningError

# Fewer would whiten by chance.
FEWEST_PICTURES = 100
_CROPS = 8


def pictures_min_side(spec: BackboneSpec) -> int:
    """Tell what ``images.decode`` should keep, so that crops are seldom scaled up."""
    return max(math.ceil(branch.size * 1.5) for branch in spec.branches)


def background_from(spec: BackboneSpec, pictures: Iterable[Image.Image]) -> Background:
    """Estimate a background from upright RGB pictures; each is needed only once.

    Raises:
        LearningError: there are too few.
    """
    engines = [choose_engine(branch) for branch in spec.branches]
    randoms = [np.random.default_rng(0) for _ in spec.branches]
    pooled: list[list[NDArray[np.float32]]] = [[] for _ in spec.branches]
    for image in pictures:
        for branch, engine, random, kept in zip(
            spec.branches, engines, randoms, pooled, strict=True
        ):
            boxes = [None, *_random_boxes(image, random)]
            kept.append(engine.features(np.stack([view(image, branch, box) for box in boxes])))
    if len(pooled[0]) < FEWEST_PICTURES:
        message = f"A background needs {FEWEST_PICTURES} pictures or more."
        raise LearningError("too_few_pictures", message)
    # The picture as it is, then its crops.
    features = [np.stack(kept) for kept in pooled]
    return build_background(spec, [f[:, 0] for f in features], [f[:, 1:] for f in features])


def _random_boxes(image: Image.Image, random: np.random.Generator) -> Iterator[Box]:
    """Draw boxes of 35 to 100 % of the area and nearly the picture's proportions."""
    width, height = image.size
    for _ in range(_CROPS):
        area = random.uniform(0.35, 1.0) * width * height
        aspect = np.exp(random.uniform(*np.log([3 / 4, 4 / 3]))) * math.sqrt(width / height)
        w, h = min(width, math.sqrt(area * aspect)), min(height, math.sqrt(area / aspect))
        left, top = random.uniform(0, width - w), random.uniform(0, height - h)
        yield left, top, left + w, top + h
