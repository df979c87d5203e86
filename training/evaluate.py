"""Figures of left-out or held-out predictions, with their uncertainty."""

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.accuracy import accuracy
from training.estimates import Estimate, calibration_error, wilson
from training.judgements import judged
from training.learning_curve import LearningCurve

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ConceptEvaluation:
    """One concept's figures at its threshold; support counts positives that could be judged."""

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
    groups: NDArray[np.intp],
    scene: NDArray[np.intp],
    scene_left_out: tuple[Floats, NDArray[np.bool_]],
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
        groups: ``(N,)`` numbers; near-duplicates share one.
        scene: ``(N,)`` number of each picture's scene.
        scene_left_out: probabilities and verdicts ``(N, C)`` of heads that saw none of its scene.
        viewed: how many images were learned with views.
    """
    fair = judged(targets, groups)
    known = fair != 0
    return Evaluation(
        concepts=[
            evaluate_concept(name, fair[:, c], probabilities[:, c], present[:, c])
            for c, name in enumerate(concepts)
        ],
        accuracy=accuracy(targets, scene, scene_left_out, (probabilities, present)),
        calibration_error=calibration_error(probabilities[known], fair[known] > 0),
        wrong=_wrong(concepts, fair, probabilities, present, image_ids),
        confusion=_confusion(fair, probabilities, present),
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
    f1 = 2 * hits / (claimed + support) if support else None
    return ConceptEvaluation(
        concept=name,
        support=support,
        negatives=int(negative.sum()),
        precision=precision,
        recall=recall,
        f1=_interval(f1, (claimed + support) / 2),
        average_precision=_interval(ap, support),
    )


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
