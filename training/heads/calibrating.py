"""What the scores of left-out and of unrelated pictures say about probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.heads.calibration import best_f1_thresholds, fit_platt, fit_temperature
from training.heads.head import Calibration, Floats
from training.scenes import seen_elsewhere

Doubles = NDArray[np.float64]

_USUAL_SLOPE, _SLOPE_DEVIATION = 5.0, 1.0
_OFFSET_DEVIATION = 0.5
_USUAL_TEMPERATURE, _TEMPERATURE_DEVIATION = 8.0, 0.5
# Background pictures weigh together as much as this many labelled ones in each calibration.
_UNSEEN_WEIGHT = 5.0
# New pictures of a concept are expected this far on the way from the background's highest scores
# to those of its examples, which were seen: so it is on other data.
_EXPECTED_WAY = 0.375
_EXPECTED_WEIGHT = 1.0
# How much of the belief that a picture shows none of the exclusive concepts comes beforehand.
_NONE_SHARE = 0.15
_TAIL = 0.995
_EXCLUSIVE_TAIL = 0.98
# Thresholds stay this far on the way from the background's tail to the concept's pictures.
_MARGIN = 0.15


@dataclass(frozen=True)
class Evidence:
    """Scores of pictures that the head did not see, and of those that it did.

    Attributes:
        left_out: ``(N, C)`` of labelled pictures, each left out in turn.
        fitted: ``(N, C)`` of the same, when seen.
        targets: ``(N, C)`` of +1, -1, and 0 where unknown.
        unseen: ``(M, C)`` of background pictures.
        groups: ``(N,)`` numbers; near-duplicates that share one are left out together.
    """

    left_out: Doubles
    fitted: Doubles
    targets: NDArray[np.int8]
    unseen: Doubles
    groups: NDArray[np.intp]

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Positives ``(N, C)`` that were left out of something: their concept has others.

        Left out, an only example, or an only group, leaves nothing to be recognised by.
        """
        return seen_elsewhere(self.groups, self.targets > 0)


def calibrate(evidence: Evidence, *, exclusive: bool) -> tuple[Calibration, Floats]:
    """Fit the calibration and the thresholds ``(C,)``."""
    tail = _tail(evidence)
    expected = _expected(evidence, tail)
    scores = np.concatenate([evidence.left_out, evidence.unseen, expected[None]])
    positive = np.zeros(scores.shape, bool)
    positive[: len(evidence.targets)] = evidence.targets > 0
    positive[-1] = True
    row_weights = _weights(evidence)
    slope, offset = _fit_concepts(scores, positive, row_weights)
    logits = slope * scores + offset
    thresholds = best_f1_thresholds(1 / (1 + np.exp(-logits)), positive, row_weights)
    floor = 1 / (1 + np.exp(-(slope * (tail + _MARGIN * (expected - tail)) + offset)))
    thresholds = np.maximum(thresholds, floor).clip(0.02, 0.98)
    known = np.zeros(2)
    if exclusive:
        known = _fit_known(evidence, expected)
        slope, offset = _fit_shares(evidence), np.zeros_like(offset)
    calibration = Calibration(*(np.asarray(p, np.float32) for p in (slope, offset, known)))
    if exclusive:
        thresholds = _exclusive_thresholds(calibration, evidence)
    return calibration, np.asarray(thresholds, np.float32)


def _fit_concepts(
    scores: Doubles, positive: NDArray[np.bool_], row_weights: Doubles
) -> tuple[Doubles, Doubles]:
    """Fit all concepts as one, then each near that: few examples say little of their own."""
    shared_slope, shared_offset = fit_platt(
        scores.reshape(-1, 1),
        positive.reshape(-1, 1),
        row_weights.reshape(-1, 1),
        usual_slope=_USUAL_SLOPE,
        slope_deviation=_SLOPE_DEVIATION,
    )
    return fit_platt(
        scores,
        positive,
        row_weights,
        usual_slope=float(shared_slope[0]),
        slope_deviation=_SLOPE_DEVIATION,
        usual_offset=float(shared_offset[0]),
        offset_deviation=_OFFSET_DEVIATION,
    )


def _exclusive_thresholds(calibration: Calibration, evidence: Evidence) -> Doubles:
    """Ask for a third at least, and for more where unrelated pictures would get that."""
    unseen = calibration.probabilities(evidence.unseen.astype(np.float32), exclusive=True)
    claimed = np.quantile(unseen.max(axis=1), _EXCLUSIVE_TAIL) if len(unseen) else 0.0
    return np.full(unseen.shape[1], np.clip(claimed, 1 / 3, 2 / 3))


def _tail(evidence: Evidence) -> Doubles:
    if len(evidence.unseen):
        return np.asarray(np.quantile(evidence.unseen, _TAIL, axis=0))
    negatives = np.where(evidence.targets < 0, evidence.left_out, -1.0)
    return np.asarray(np.quantile(negatives, _TAIL, axis=0))


def _expected(evidence: Evidence, tail: Doubles) -> Doubles:
    positive = evidence.targets > 0
    own = (evidence.fitted * positive).sum(axis=0) / np.maximum(positive.sum(axis=0), 1)
    return np.asarray(tail + _EXPECTED_WAY * np.maximum(own - tail, 0.05))


def _weights(evidence: Evidence) -> Doubles:
    labelled = (evidence.targets != 0).astype(np.float64)
    labelled[(evidence.targets > 0) & ~evidence.judged] = 0.0
    unseen = np.full(evidence.unseen.shape, _UNSEEN_WEIGHT / max(len(evidence.unseen), 1))
    expected = np.full((1, labelled.shape[1]), _EXPECTED_WEIGHT)
    return np.concatenate([labelled, unseen, expected])


def _fit_shares(evidence: Evidence) -> Doubles:
    single = ((evidence.targets > 0).sum(axis=1) == 1) & evidence.judged.any(axis=1)
    factor = fit_temperature(
        evidence.left_out[single],
        evidence.targets[single].argmax(axis=1),
        usual=_USUAL_TEMPERATURE,
        deviation=_TEMPERATURE_DEVIATION,
    )
    return np.full(evidence.targets.shape[1], factor)


def _fit_known(evidence: Evidence, expected: Doubles) -> Doubles:
    """Fit whether a picture is any of the concepts, from the best score of each."""
    judged = evidence.judged.any(axis=1)
    known = np.concatenate([evidence.left_out[judged].max(axis=1), expected])
    scores = np.concatenate([known, evidence.unseen.max(axis=1, initial=-1.0)])[:, None]
    positive = np.arange(len(scores)) < len(known)
    share = _NONE_SHARE * len(known) / max(len(scores) - len(known), 1)
    slope, offset = fit_platt(
        scores,
        positive[:, None],
        np.where(positive, 1.0, share)[:, None],
        usual_slope=_USUAL_SLOPE,
        slope_deviation=_SLOPE_DEVIATION * 3,
    )
    return np.array([slope[0], offset[0]])
