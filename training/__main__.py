"""``python -m training``: make the bundled data.

``build-background --pictures DIR`` makes the backgrounds, ``build-tags --wordnet DIR`` the words of
the general model.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from training.backbones import BUNDLED, DATA_DIR, get_spec
from training.background import save_background
from training.background_building import background_from, pictures_min_side
from training.images import decode
from training.tags.wordnet import build_vocabulary, read_nouns, save_vocabulary
from training.torchvision_shim import ensure_torchvision


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
    paths = sorted(path for path in arguments.pictures.iterdir() if path.is_file())
    for backbone in arguments.backbone or BUNDLED:
        spec = get_spec(backbone)
        background = background_from(spec, _decoded(paths, pictures_min_side(spec)))
        save_background(background, spec.background_path)
        print(f"{spec.background_path}: {len(paths)} pictures")


def _build_tags(arguments: argparse.Namespace) -> None:
    ensure_torchvision()
    from timm.data.imagenet_info import ImageNetInfo

    names = ImageNetInfo().label_names()  # type: ignore[no-untyped-call]
    classes = [name.removeprefix("n") for name in names]
    vocabulary = build_vocabulary(read_nouns(arguments.wordnet / "data.noun"), classes)
    save_vocabulary(vocabulary, DATA_DIR / "tags.json")


def _decoded(paths: list[Path], min_side: int) -> Iterator[Image.Image]:
    for path in paths:
        with path.open("rb") as file:
            yield decode(file, min_side=min_side)


if __name__ == "__main__":
    main()
