"""How accuracy grows with examples, and what ten more would bring."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ridge import solve_ridge

Floats = NDArray[np.float32]

_SHARES = (0.25, 0.5)
_MORE = 10
# Few-shot errors seldom fall faster than with the root of the number of examples.
_STEEPEST = 0.5


@dataclass(frozen=True)
class LearningCurve:
    """Accuracy by mean number of examples per concept; empty where there are too few.

    Attributes:
        examples: mean positives per concept, ascending; the last is all there are.
        accuracy: of pictures that were not seen.
        more: how many more examples per concept ``gain`` is about.
        gain: the expected rise of accuracy.
    """

    examples: list[float]
    accuracy: list[float]
    more: int
    gain: float | None


def learning_curve(
    vectors: Floats,
    targets: NDArray[np.int8],
    left_out: Floats,
    regulariser: float,
    groups: NDArray[np.intp],
) -> LearningCurve:
    """Fit on parts of the labelled pictures, test on the rest, extrapolate by a power law.

    Args:
        vectors: ``(N, D)``.
        targets: ``(N, C)`` of +1, -1, and 0 where unknown.
        left_out: ``(N, C)`` leave-one-out probabilities: the curve's last point.
        regulariser: of the full fit.
        groups: ``(N,)`` numbers; near-duplicates that share one are never divided.
    """
    shown = np.flatnonzero((targets > 0).any(axis=1))
    concept_count = targets.shape[1]
    per_concept = float((targets > 0).sum()) / concept_count
    if concept_count < 2 or per_concept < 4:
        return LearningCurve([], [], _MORE, None)
    concept = targets[shown].argmax(axis=1)
    group = groups[shown]
    # Every concept's groups in turn, so that each part holds all concepts evenly.
    rank = np.empty(len(shown), int)
    for c in np.unique(concept):
        rank[concept == c] = np.unique(group[concept == c], return_inverse=True)[1]
    x, y = vectors[shown].astype(np.float64), targets[shown].astype(np.float64)
    examples, accuracy = [], []
    for share in _SHARES:
        seen = rank % round(1 / share) == 0
        rest = ~np.isin(group, group[seen])
        if not rest.any():
            return LearningCurve([], [], _MORE, None)
        weights = solve_ridge(x[seen], y[seen], regulariser)
        accuracy.append(_accuracy(x[rest] @ weights.T, targets[shown][rest]))
        examples.append(float((targets[shown][seen] > 0).sum()) / concept_count)
    accuracy.append(_accuracy(left_out[shown], targets[shown]))
    examples.append(per_concept)
    return LearningCurve(examples, accuracy, _MORE, _gain(examples, accuracy))


def _accuracy(scores: NDArray[np.floating], targets: NDArray[np.int8]) -> float:
    best = scores.argmax(axis=1)
    return float((targets[np.arange(len(targets)), best] > 0).mean())


def _gain(examples: list[float], accuracy: list[float]) -> float:
    errors = np.maximum(1 - np.array(accuracy), 1e-3)
    steepness = -np.polyfit(np.log(examples), np.log(errors), 1)[0]
    steepness = float(np.clip(steepness, 0.0, _STEEPEST))
    grown = (1 + _MORE / examples[-1]) ** -steepness
    return float((1 - accuracy[-1]) * (1 - grown))
