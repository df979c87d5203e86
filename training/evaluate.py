"""Figures of left-out or held-out predictions, with their uncertainty."""

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_Z = 1.959964  # of a two-sided 95 % interval
_BINS = 10


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; None where there is nothing to tell it from."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ConceptEvaluation:
    """One concept's figures at its threshold; support counts its positives."""

    concept: str
    support: int
    negatives: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    average_precision: Estimate


@dataclass(frozen=True)
class WrongPrediction:
    """An image and concept where the left-out prediction and the label differ."""

    image: Hashable
    concept: str
    label: int
    probability: float


@dataclass(frozen=True)
class Evaluation:
    """What is known of a head's quality.

    Attributes:
        concepts: per concept.
        accuracy: mean over concepts of recall, by the best concept where images have one.
        calibration_error: expected calibration error over ten equal-width bins.
        wrong: worst first.
        confusion: ``[true][predicted]`` counts over images with one positive concept; the last
            column counts *none of these*.
        images: how many were left out in turn.
    """

    concepts: list[ConceptEvaluation]
    accuracy: Estimate
    calibration_error: float
    wrong: list[WrongPrediction]
    confusion: list[list[int]]
    images: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, image ids as they were given."""
        return asdict(self)


def evaluate(
    *,
    concepts: Sequence[str],
    targets: NDArray[np.int8],
    probabilities: Floats,
    thresholds: Floats,
    image_ids: Sequence[Hashable],
) -> Evaluation:
    """Judge predictions that did not see their own image.

    Args:
        concepts: the C names.
        targets: ``(N, C)`` of +1, -1, and 0 where unknown.
        probabilities: ``(N, C)``.
        thresholds: ``(C,)``.
        image_ids: N of them.
    """
    present = probabilities >= thresholds
    known = targets != 0
    return Evaluation(
        concepts=[
            _concept(name, targets[:, c], probabilities[:, c], present[:, c])
            for c, name in enumerate(concepts)
        ],
        accuracy=_accuracy(targets, probabilities, present),
        calibration_error=calibration_error(probabilities[known], targets[known] > 0),
        wrong=_wrong(concepts, targets, probabilities, present, image_ids),
        confusion=_confusion(targets, probabilities, present),
        images=len(targets),
    )


def wilson(successes: float, trials: float) -> Estimate:
    """Estimate a proportion (Wilson, 1927)."""
    if trials <= 0:
        return Estimate(None, None, None)
    share, scale = successes / trials, 1 + _Z**2 / trials
    centre = (share + _Z**2 / (2 * trials)) / scale
    spread = _Z / scale * np.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    return Estimate(share, max(0.0, float(centre - spread)), min(1.0, float(centre + spread)))


def average_precision(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Area under the precision-recall curve by steps; ties count as their mean order would not."""
    order = np.argsort(-scores, kind="stable")
    hits = positive[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def calibration_error(probabilities: Floats, positive: NDArray[np.bool_]) -> float:
    """Expected calibration error (Naeini et al., 2015; Guo et al., 2017)."""
    if len(probabilities) == 0:
        return 0.0
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=probabilities - positive, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(probabilities))


def _concept(
    name: str, target: NDArray[np.int8], probability: Floats, present: NDArray[np.bool_]
) -> ConceptEvaluation:
    positive, negative = target > 0, target < 0
    hits = int((present & positive).sum())
    claimed = int((present & (positive | negative)).sum())
    support = int(positive.sum())
    known = positive | negative
    precision, recall = wilson(hits, claimed), wilson(hits, support)
    ap = average_precision(probability[known], positive[known]) if support else None
    f1 = 2 * hits / (claimed + support) if claimed + support else None
    return ConceptEvaluation(
        concept=name,
        support=support,
        negatives=int(negative.sum()),
        precision=precision,
        recall=recall,
        f1=Estimate(f1, None, None),
        average_precision=Estimate(ap, None, None),
    )


def _accuracy(
    targets: NDArray[np.int8], probabilities: Floats, present: NDArray[np.bool_]
) -> Estimate:
    single = (targets > 0).sum(axis=1) == 1
    if targets.shape[1] > 1 and single.all():
        right = probabilities.argmax(axis=1) == targets.argmax(axis=1)
        return wilson(float(right.sum()), len(right))
    known = targets != 0
    right = (present == (targets > 0))[known]
    return wilson(float(right.sum()), len(right))


def _wrong(
    concepts: Sequence[str],
    targets: NDArray[np.int8],
    probabilities: Floats,
    present: NDArray[np.bool_],
    image_ids: Sequence[Hashable],
) -> list[WrongPrediction]:
    rows, columns = np.nonzero((targets != 0) & (present != (targets > 0)))
    gaps = np.abs(probabilities[rows, columns] - (targets[rows, columns] > 0))
    return [
        WrongPrediction(
            image=image_ids[rows[i]],
            concept=concepts[columns[i]],
            label=int(targets[rows[i], columns[i]]),
            probability=float(probabilities[rows[i], columns[i]]),
        )
        for i in np.argsort(-gaps, kind="stable")
    ]


def _confusion(
    targets: NDArray[np.int8], probabilities: Floats, present: NDArray[np.bool_]
) -> list[list[int]]:
    count = targets.shape[1]
    counts = np.zeros((count, count + 1), int)
    single = (targets > 0).sum(axis=1) == 1
    best = np.where(present, probabilities, -1.0).argmax(axis=1)
    predicted = np.where(present.any(axis=1), best, count)
    np.add.at(counts, (targets[single].argmax(axis=1), predicted[single]), 1)
    return [[int(n) for n in row] for row in counts]
