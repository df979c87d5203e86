"""How long a fit with its evaluation takes, on random vectors."""

import statistics

import numpy as np

from training.background import Background, unit
from training.heads import TrainingSet, fit

# Images and concepts, and how often to repeat.
_SIZES = ((200, 10, 9), (1_000, 50, 3), (10_000, 100, 1))


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
        taken = [fit(data, background=background).seconds for _ in range(repeats)]
        seconds[f"{images} x {concepts}"] = statistics.median(taken)
    return seconds
