"""Does the overlay lie where the concept is? Collages of two tell: each has a half."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import DEFAULT_BACKBONE
from training.benchmark.datasets import DataSet, load_dataset
from training.embed import Embedder
from training.estimates import wilson
from training.explain import explain
from training.heads import Head, TrainingSet, fit
from training.images import decode

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Outcome:
    """One concept on one collage: the share of the evidence for it that lies on its half."""

    path: Path
    concept: str
    side: str
    share: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's arguments."""
    parser.add_argument("--data", type=Path, required=True, help="collages with a labels.csv")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE)
    parser.add_argument("--cache", type=Path, help="keeps features between runs")
    parser.add_argument("--list", action="store_true", help="every collage, to be checked by eye")


def run(options: argparse.Namespace) -> None:
    """Learn from the training split, explain collages of two of the test split, print the share."""
    embedder = Embedder.load(options.backbone, cache_dir=options.cache)
    data = load_dataset(options.data, embedder, options.cache)
    head = _fit(data, embedder)
    outcomes = [
        outcome
        for row in np.flatnonzero((data.split == "test") & (data.labels.sum(axis=1) == 2))
        for outcome in _explained(data.paths[row], data.labels[row], head, embedder)
    ]
    if options.list:
        for each in outcomes:
            print(f"{each.path.name} {each.concept} {each.side} {each.share:.2f}")
    found = wilson(float(sum(each.share > 0.5 for each in outcomes)), len(outcomes))
    print(
        f"{len(outcomes)} concepts on {len(outcomes) // 2} collages of two: most of the evidence "
        f"lies on the right half for {_percent(found.value)} "
        f"({_percent(found.low)} to {_percent(found.high)}); "
        f"mean share of it there {_percent(float(np.mean([each.share for each in outcomes])))}"
    )


def _percent(share: float | None) -> str:
    return f"{100 * (share or 0.0):.1f} %"


def _fit(data: DataSet, embedder: Embedder) -> Head:
    train = data.split == "train"
    labels = np.where(data.labels[train], 1, -1).astype(np.int8)
    training_set = TrainingSet(data.vectors[train], labels, data.concepts, embedder.fingerprint)
    return fit(training_set, background=embedder.background).head


def _explained(
    path: Path, labels: NDArray[np.bool_], head: Head, embedder: Embedder
) -> list[Outcome]:
    with path.open("rb") as file:
        image = decode(file, min_side=embedder.min_side)
    first, second = np.flatnonzero(labels)
    sides = _sides(image, int(first), int(second), head, embedder)
    outcomes = []
    for concept, side in sides.items():
        evidence = explain(
            image,
            head.concepts[concept],
            head=head,
            spec=embedder.spec,
            background=embedder.background,
        )
        mass = np.maximum(evidence, 0.0).sum(axis=0)
        left = float(mass[: len(mass) // 2].sum() / max(float(mass.sum()), 1e-12))
        share = left if side == "left" else 1.0 - left
        outcomes.append(Outcome(path, head.concepts[concept], side, share))
    return outcomes


def _sides(
    image: Image.Image, first: int, second: int, head: Head, embedder: Embedder
) -> dict[int, str]:
    """Tell which concept is on which half: labels don't, but each half by itself does."""
    middle = image.width // 2
    halves = {
        "left": image.crop((0, 0, middle, image.height)),
        "right": image.crop((middle, 0, image.width, image.height)),
    }
    vectors = embedder.embed(halves)
    left, right = head.scores(np.stack([vectors["left"], vectors["right"]]))
    if left[first] + right[second] >= left[second] + right[first]:
        return {first: "left", second: "right"}
    return {first: "right", second: "left"}
