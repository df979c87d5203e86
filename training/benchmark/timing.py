"""How long a fit with its evaluation takes, on random vectors."""

import statistics
from dataclasses import replace

import numpy as np

from training.background import Background, unit
from training.heads import TrainingSet, fit
from training.views import COUNT as VIEWS

# Images and concepts, and how often to repeat.
_SIZES = ((200, 10, 9), (1_000, 50, 3), (10_000, 100, 1))
_WITH_VIEWS = 200


def measure_fit_seconds(background: Background, dimensions: int) -> dict[str, float]:
    """Fit and evaluate at three sizes; the median by ``images x concepts``.

    Args:
        background: of a backbone.
        dimensions: of its vectors.
    """
    random = np.random.default_rng(0)
    seconds = {}
    for images, concepts, repeats in _SIZES:
        concept = np.arange(images) % concepts
        centres = random.normal(size=(concepts, dimensions))
        vectors = unit(centres[concept] + 2 * random.normal(size=(images, dimensions)))
        labels = np.eye(concepts, dtype=np.int8)[concept]
        data = TrainingSet(vectors, labels, [str(c) for c in range(concepts)])
        seconds[f"{images} x {concepts}"] = _median_seconds(data, background, repeats)
        if images == _WITH_VIEWS:
            noise = random.normal(size=(images, VIEWS, dimensions)) / dimensions**0.5
            viewed = replace(data, views=unit(vectors[:, None] + noise))
            taken = _median_seconds(viewed, background, repeats)
            seconds[f"{images} x {concepts}, with views"] = taken
    return seconds


def _median_seconds(data: TrainingSet, background: Background, repeats: int) -> float:
    return statistics.median(fit(data, background=background).seconds for _ in range(repeats))
