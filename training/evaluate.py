"""Figures of left-out or held-out predictions, with their uncertainty."""

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.estimates import Estimate, calibration_error, wilson
from training.learning_curve import LearningCurve
from training.scenes import seen_elsewhere

Floats = NDArray[np.float32]

# Errors of these heads fall about with this power of the number of examples n, faster while
# there are few: _STEEPNESS + _EARLY_STEEPNESS / n.
_STEEPNESS, _EARLY_STEEPNESS = 0.4, 1.2


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
        accuracy: mean recall over concepts, of the best concept of each image that shows one;
            where there is but one concept, or images show several, the share of right answers.
        calibration_error: expected calibration error over ten equal-width bins.
        wrong: worst first.
        confusion: ``[true][predicted]`` counts over images with one positive concept; the last
            column counts *none of these*.
        learning_curve: how accuracy grew with examples, and what more would bring.
        images: how many were left out in turn.
        viewed: how many of them were learned with closer views, see `training.views`.
    """

    concepts: list[ConceptEvaluation]
    accuracy: Estimate
    calibration_error: float
    wrong: list[WrongPrediction]
    confusion: list[list[int]]
    learning_curve: LearningCurve
    images: int
    viewed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, image ids as they were given."""
        return asdict(self)


def evaluate(
    *,
    concepts: Sequence[str],
    targets: NDArray[np.int8],
    probabilities: Floats,
    present: NDArray[np.bool_],
    image_ids: Sequence[Hashable],
    curve: LearningCurve,
    scene: NDArray[np.intp],
    scene_left_out: Floats,
    viewed: int = 0,
) -> Evaluation:
    """Judge predictions that did not see their own image.

    Args:
        concepts: the C names.
        targets: ``(N, C)`` of +1, -1, and 0 where unknown.
        probabilities: ``(N, C)``.
        present: ``(N, C)`` what counts as shown at the thresholds.
        image_ids: N of them.
        curve: how accuracy grew.
        scene: ``(N,)`` number of each picture's scene.
        scene_left_out: ``(N, C)`` probabilities by heads that saw none of its scene.
        viewed: how many images were learned with views.
    """
    known = targets != 0
    return Evaluation(
        concepts=[
            evaluate_concept(name, targets[:, c], probabilities[:, c], present[:, c])
            for c, name in enumerate(concepts)
        ],
        accuracy=_accuracy(targets, probabilities, present, scene, scene_left_out),
        calibration_error=calibration_error(probabilities[known], targets[known] > 0),
        wrong=_wrong(concepts, targets, probabilities, present, image_ids),
        confusion=_confusion(targets, probabilities, present),
        learning_curve=curve,
        images=len(targets),
        viewed=viewed,
    )


def average_precision(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """Area under the precision-recall curve, in scikit-learn's way: ties are one step."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.append(np.diff(scores[order]) != 0, True)
    gained = np.diff(hits[last], prepend=0)
    return float((gained * hits[last] / (np.flatnonzero(last) + 1)).sum() / hits[-1])


def _interval(value: float | None, trials: float) -> Estimate:
    """Give a figure that is no plain proportion the interval of one over as many trials.

    Source: for average precision, Boyd, Eng and Page (ECML 2013), who find a binomial interval
    over the positives to hold well.
    """
    return Estimate(None, None, None) if value is None else wilson(value * trials, trials)


def evaluate_concept(
    name: str,
    target: NDArray[np.int8],
    probability: NDArray[np.floating],
    present: NDArray[np.bool_],
) -> ConceptEvaluation:
    """Judge one concept: targets ``(N,)`` of +1, -1 and 0, probabilities and verdicts ``(N,)``."""
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
        f1=_interval(f1, (claimed + support) / 2),
        average_precision=_interval(ap, support),
    )


def _accuracy(
    targets: NDArray[np.int8],
    probabilities: Floats,
    present: NDArray[np.bool_],
    scene: NDArray[np.intp],
    scene_left_out: Floats,
) -> Estimate:
    positive = targets > 0
    if targets.shape[1] > 1 and (positive.sum(axis=1) <= 1).all():
        apart = _balanced(positive, scene_left_out, scene)
        alike = _balanced(positive, probabilities, np.arange(len(scene)))
        if apart.high is None or alike.high is None:
            return apart
        # New pictures of scenes that are known already do as well as left-out ones of them.
        return Estimate(apart.value, apart.low, max(apart.high, alike.high))
    known = targets != 0
    right = (present == positive)[known]
    return wilson(float(right.sum()), len(right))


def _balanced(
    positive: NDArray[np.bool_], probabilities: Floats, scene: NDArray[np.intp]
) -> Estimate:
    """Estimate the mean recall of concepts, for a head that has seen every example.

    A left-out prediction comes from a head that saw one scene fewer. Among few that is a lot, so
    the error is brought forward by one along the usual power law; the correction also widens
    the interval. Concepts of one scene cannot be judged. Each scene counts as one trial.
    """
    rows = seen_elsewhere(scene, positive).any(axis=1)
    if not rows.any():
        return Estimate(None, None, None)
    true, predicted = positive[rows].argmax(axis=1), probabilities[rows].argmax(axis=1)
    counts = np.bincount(true)
    judged = np.flatnonzero(counts)
    recalls = np.bincount(true, weights=true == predicted)[judged] / counts[judged]
    trials = len(np.unique(scene[rows]))
    # A scene of which two things are said is an example of both.
    examples = float(np.mean([len(np.unique(scene[column])) for column in positive.T[judged]]))
    error = 1.0 - float(recalls.mean())
    steepness = _STEEPNESS + _EARLY_STEEPNESS / examples
    corrected = 1.0 - error * ((examples - 1) / examples) ** steepness
    interval = wilson(corrected * trials, trials)
    correction = corrected - (1.0 - error)
    low, high = interval.low or 0.0, interval.high or 1.0
    return Estimate(corrected, max(0.0, low - correction), min(1.0, high + correction))


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


def confused(
    targets: NDArray[np.int8], probabilities: NDArray[np.floating], present: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Tell what images with one positive concept were taken for.

    Returns:
        ``(S,)`` each: the true concept, the best one that is present or else C, and the row.
    """
    rows = np.flatnonzero((targets > 0).sum(axis=1) == 1)
    best = np.where(present, probabilities, -1.0).argmax(axis=1)
    predicted = np.where(present.any(axis=1), best, targets.shape[1])
    return targets[rows].argmax(axis=1), predicted[rows], rows


def _confusion(
    targets: NDArray[np.int8], probabilities: Floats, present: NDArray[np.bool_]
) -> list[list[int]]:
    count = targets.shape[1]
    counts = np.zeros((count, count + 1), int)
    true, predicted, _ = confused(targets, probabilities, present)
    np.add.at(counts, (true, predicted), 1)
    return [[int(n) for n in row] for row in counts]
