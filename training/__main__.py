"""``python -m training build-background --pictures DIR``: make the bundled backgrounds."""

import argparse
from pathlib import Path

import numpy as np

from training.backbones import BUNDLED, get_spec
from training.background import (
    build_background,
    identity_background,
    power_transform,
    save_background,
)
from training.embed import Embedder
from training.engines import choose_engine
from training.images import decode


def main() -> None:
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
    embedder = Embedder(spec, choose_engine(spec), identity_background(spec.dimensions))
    features = []
    for path in pictures:
        with path.open("rb") as file:
            features.append(embedder.features([decode(file, min_side=embedder.min_side)])[0])
    background = build_background(power_transform(np.stack(features)))
    save_background(background, spec.background_path)
    print(f"{spec.background_path}: {len(pictures)} pictures, fingerprint {spec.fingerprint}")


if __name__ == "__main__":
    main()
