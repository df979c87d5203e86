"""``python -m training build-background --pictures DIR``: make the bundled backgrounds."""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import BUNDLED, Branch, get_spec
from training.background import build_background, save_background
from training.embed import Box, view
from training.engines import choose_engine
from training.images import decode

_CROPS = 8


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build-background", help="estimate a background from pictures")
    build.add_argument("--pictures", type=Path, required=True, help="a folder of everyday pictures")
    build.add_argument("--backbone", action="append", help="default: every bundled one")
    arguments = parser.parse_args()
    for backbone in arguments.backbone or BUNDLED:
        _build(backbone, sorted(path for path in arguments.pictures.iterdir() if path.is_file()))


def _build(backbone: str, pictures: list[Path]) -> None:
    spec = get_spec(backbone)
    pooled = [_pool(branch, pictures) for branch in spec.branches]
    background = build_background(spec, [f[:, 0] for f in pooled], [f[:, 1:] for f in pooled])
    save_background(background, spec.background_path)
    print(f"{spec.background_path}: {len(pictures)} pictures")


def _pool(branch: Branch, pictures: list[Path]) -> NDArray[np.float32]:
    """Pool features ``(M, 1 + crops, F)``: a picture as it is, then its random crops."""
    engine = choose_engine(branch)
    random = np.random.default_rng(0)
    features = []
    for path in pictures:
        with path.open("rb") as file:
            image = decode(file, min_side=math.ceil(branch.size * 1.5))
        boxes = [None, *_random_boxes(image, random)]
        features.append(engine.features(np.stack([view(image, branch, box) for box in boxes])))
    return np.stack(features)


def _random_boxes(image: Image.Image, random: np.random.Generator) -> Iterator[Box]:
    """Draw boxes of 35 to 100 % of the area and nearly the picture's proportions."""
    width, height = image.size
    for _ in range(_CROPS):
        area = random.uniform(0.35, 1.0) * width * height
        aspect = np.exp(random.uniform(*np.log([3 / 4, 4 / 3]))) * math.sqrt(width / height)
        w, h = min(width, math.sqrt(area * aspect)), min(height, math.sqrt(area / aspect))
        left, top = random.uniform(0, width - w), random.uniform(0, height - h)
        yield left, top, left + w, top + h


if __name__ == "__main__":
    main()
