"""``python -m training``: make the bundled data.

``build-background --pictures DIR`` makes the backgrounds, ``build-tags --wordnet DIR`` the words of
the general model.
"""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import BUNDLED, DATA_DIR, Branch, get_spec
from training.background import build_background, save_background
from training.embed import Box, view
from training.engines import choose_engine
from training.images import decode
from training.tags.wordnet import build_vocabulary, read_nouns, save_vocabulary
from training.torchvision_shim import ensure_torchvision

_CROPS = 8


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build-background", help="estimate a background from pictures")
    build.add_argument("--pictures", type=Path, required=True, help="a folder of everyday pictures")
    build.add_argument("--backbone", action="append", help="default: every bundled one")
    build.set_defaults(run=_build_backgrounds)
    tags = commands.add_parser("build-tags", help="the words of the general model")
    tags.add_argument("--wordnet", type=Path, required=True, help="holds WordNet 3.0's data.noun")
    tags.set_defaults(run=_build_tags)
    arguments = parser.parse_args()
    arguments.run(arguments)


def _build_backgrounds(arguments: argparse.Namespace) -> None:
    for backbone in arguments.backbone or BUNDLED:
        _build(backbone, sorted(path for path in arguments.pictures.iterdir() if path.is_file()))


def _build_tags(arguments: argparse.Namespace) -> None:
    ensure_torchvision()
    from timm.data.imagenet_info import ImageNetInfo

    names = ImageNetInfo().label_names()  # type: ignore[no-untyped-call]
    classes = [name.removeprefix("n") for name in names]
    vocabulary = build_vocabulary(read_nouns(arguments.wordnet / "data.noun"), classes)
    save_vocabulary(vocabulary, DATA_DIR / "tags.json")


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
