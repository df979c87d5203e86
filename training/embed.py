"""Pictures to unit vectors, keyed by id and never by position."""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from training.backbones import DEFAULT_BACKBONE, BackboneSpec, Preprocessing, get_spec
from training.background import Background, load_background, power_transform
from training.engines import Engine, choose_engine

Floats = NDArray[np.float32]
K = TypeVar("K", bound=Hashable)

_BATCH_IMAGES = 16


class Embedder:
    """A backbone that is loaded and ready."""

    def __init__(self, spec: BackboneSpec, engine: Engine, background: Background) -> None:
        self.spec = spec
        self.fingerprint = spec.fingerprint
        self.dimensions = spec.dimensions
        # What `images.decode` should keep so that no view is scaled up.
        self.min_side = math.ceil(spec.preprocessing.size / spec.preprocessing.crop_fraction)
        self._engine = engine
        self._background = background

    @classmethod
    def load(
        cls,
        backbone: str = DEFAULT_BACKBONE,
        *,
        cache_dir: Path | None = None,
        threads: int | None = None,
    ) -> "Embedder":
        """Load a backbone on the fastest engine of this machine.

        Args:
            backbone: ``lite0``, ``lite1``, ``lite2``, or any timm model.
            cache_dir: keeps the converted model, which makes the next load take under a second.
            threads: of the CPU; all where not given.

        Raises:
            BackboneError: there is no such backbone, or its weights are missing.
        """
        spec = get_spec(backbone)
        engine = choose_engine(spec, cache_dir=cache_dir, threads=threads)
        return cls(spec, engine, load_background(backbone))

    def embed(self, images: Mapping[K, Image.Image]) -> dict[K, Floats]:
        """Embed upright RGB pictures.

        Returns:
            ``(D,)`` float32 unit vectors under the keys of ``images``.
        """
        vectors: dict[K, Floats] = {}
        remaining = iter(images)
        while keys := list(islice(remaining, _BATCH_IMAGES)):
            features = self.features(images[key] for key in keys)
            whitened = self._background.whiten(power_transform(features))
            vectors |= dict(zip(keys, whitened, strict=True))
        return vectors

    def features(self, images: Iterable[Image.Image]) -> Floats:
        """Pool the network's features ``(B, D)`` float32, the mean over the spec's views."""
        preprocessing = self.spec.preprocessing
        pixels = np.stack([v for image in images for v in views(image, preprocessing)])
        pooled = self._engine.features(pixels)
        return pooled.reshape(-1, len(preprocessing.views), pooled.shape[1]).mean(axis=1)


def views(image: Image.Image, preprocessing: Preprocessing) -> Iterator[NDArray[np.uint8]]:
    """Cut a picture's views, each ``(size, size, 3)`` uint8."""
    for name in preprocessing.views:
        kind, _, mirrored = name.partition("_")
        box = central_box(image, preprocessing.crop_fraction) if kind == "center" else None
        side = preprocessing.size
        view = image.resize((side, side), Image.Resampling.BICUBIC, box=box)
        yield np.asarray(ImageOps.mirror(view) if mirrored else view)


def central_box(image: Image.Image, fraction: float) -> tuple[float, float, float, float]:
    """Find the central square that keeps a fraction of the short side: left, top, right, bottom."""
    side = min(image.size) * fraction
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return left, top, left + side, top + side
