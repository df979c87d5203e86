"""How accuracy grows with examples, and what ten more would bring."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.estimates import Estimate, wilson
from training.ridge import solve_ridge

Floats = NDArray[np.float32]

_SHARES = (0.25, 0.5)
_MORE = 10
# Few-shot errors fall with a power of the number of examples, seldom faster than with its root.
# What few pictures say of the power is weighed with what is usual.
_USUAL_STEEPNESS, _SPREAD, _STEEPEST = 0.25, 0.15, 0.5
_Z = 1.959964  # of a two-sided 95 % interval


@dataclass(frozen=True)
class ConceptCurve:
    """How often one concept's pictures were told rightly, by how many of them were learned from.

    Attributes:
        examples: ascending; the last is all there are.
        accuracy: share of its unseen pictures for which it was the best concept, with intervals.
        gain: the expected rise of accuracy by ``more`` examples; its interval holds what is not
            known of the errors left to mend, and of the steepness, which all concepts share.
    """

    examples: list[int]
    accuracy: list[Estimate]
    gain: Estimate


@dataclass(frozen=True)
class LearningCurve:
    """Accuracy by mean number of examples per concept; empty where there are too few.

    Attributes:
        examples: mean positives per concept, ascending; the last is all there are.
        accuracy: of pictures that were not seen.
        more: how many more examples per concept ``gain`` is about.
        gain: the expected rise of accuracy.
        concepts: the same for each concept, in the head's order.
    """

    examples: list[float]
    accuracy: list[float]
    more: int
    gain: float | None
    concepts: list[ConceptCurve]


@dataclass(frozen=True)
class _Point:
    """What a fit on a part of the pictures gave.

    Attributes:
        examples: ``(C,)`` positives that it saw.
        right: ``(N,)`` whether each picture's best concept is true of it.
        judged: ``(N,)`` which pictures it had not seen.
    """

    examples: NDArray[np.intp]
    right: NDArray[np.bool_]
    judged: NDArray[np.bool_]


_UNTOLD = LearningCurve([], [], _MORE, None, [])


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
        return _UNTOLD
    concept = targets[shown].argmax(axis=1)
    group = groups[shown]
    # Every concept's groups in turn, so that each part holds all concepts evenly.
    rank = np.empty(len(shown), int)
    for c in np.unique(concept):
        rank[concept == c] = np.unique(group[concept == c], return_inverse=True)[1]
    x, y = vectors[shown].astype(np.float64), targets[shown].astype(np.float64)
    everything = np.ones(len(shown), bool)
    points: list[_Point] = []
    for share in _SHARES:
        seen = rank % round(1 / share) == 0
        rest = ~np.isin(group, group[seen])
        if not rest.any():
            return _UNTOLD
        weights = solve_ridge(x[seen], y[seen], regulariser)
        points.append(
            _Point(_counts(targets[shown][seen]), _right(x @ weights.T, targets[shown]), rest)
        )
    points.append(_Point(_counts(targets), _right(left_out[shown], targets[shown]), everything))
    examples = [float(point.examples.mean()) for point in points]
    accuracy = [float(point.right[point.judged].mean()) for point in points]
    steepness = _steepness(examples, accuracy, [int(point.judged.sum()) for point in points])
    curves = [_of_concept(points, concept == c, c, steepness) for c in range(concept_count)]
    gain = (1 - accuracy[-1]) * _mended(examples[-1], steepness.value)
    return LearningCurve(examples, accuracy, _MORE, gain, curves)


def _counts(targets: NDArray[np.int8]) -> NDArray[np.intp]:
    found: NDArray[np.intp] = (targets > 0).sum(axis=0)
    return found


def _right(scores: NDArray[np.floating], targets: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Say of each picture whether its best concept is true of it."""
    found: NDArray[np.bool_] = targets[np.arange(len(targets)), scores.argmax(axis=1)] > 0
    return found


@dataclass(frozen=True)
class _Steepness:
    """How fast errors fall with examples: the exponent of a power law, and where it may lie."""

    value: float
    low: float
    high: float


def _steepness(examples: list[float], accuracy: list[float], judged: list[int]) -> _Steepness:
    """Fit a line to the logarithms, each as sure as its number of pictures makes it."""
    counts = np.array(judged, float)
    errors = np.clip(1 - np.array(accuracy), 0.5 / counts, 1 - 0.5 / counts)
    sure = counts * errors / (1 - errors)  # of a logarithm of a share, one over its variance
    place = np.log(examples)
    place -= np.average(place, weights=sure)
    of_fit = float(sure @ place**2)
    of_usual = 1 / _SPREAD**2
    fitted = -float(sure @ (place * np.log(errors)))  # times ``of_fit``
    value = (fitted + of_usual * _USUAL_STEEPNESS) / (of_fit + of_usual)
    spread = _Z / np.sqrt(of_fit + of_usual)
    return _Steepness(
        *(float(np.clip(s, 0.0, _STEEPEST)) for s in (value, value - spread, value + spread))
    )


def _mended(examples: float, steepness: float) -> float:
    """Return the share of the errors that more examples would mend."""
    return float(1 - (1 + _MORE / max(examples, 1.0)) ** -steepness)


def _of_concept(
    points: list[_Point], mine: NDArray[np.bool_], concept: int, steepness: _Steepness
) -> ConceptCurve:
    examples = [int(point.examples[concept]) for point in points]
    accuracy = []
    for point in points:
        judged = point.right[mine & point.judged]
        accuracy.append(wilson(float(judged.sum()), len(judged)))
    now = accuracy[-1]
    value, low, high = (
        None if share is None else (1 - share) * _mended(examples[-1], steep)
        for share, steep in (
            (now.value, steepness.value),
            (now.high, steepness.low),
            (now.low, steepness.high),
        )
    )
    return ConceptCurve(examples, accuracy, Estimate(value, low, high))
