"""How often a head is right on pictures of scenes that it has not seen."""

import numpy as np
from numpy.typing import NDArray

from training.estimates import Estimate, wilson
from training.judgements import judged
from training.scenes import seen_elsewhere

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

# Errors of these heads fall about with this power of the number of examples n, faster while
# there are few: _STEEPNESS + _EARLY_STEEPNESS / n.
_STEEPNESS, _EARLY_STEEPNESS = 0.4, 1.2


def accuracy(
    targets: NDArray[np.int8],
    scene: NDArray[np.intp],
    apart: tuple[Floats, Bools],
    alike: tuple[Floats, Bools],
) -> Estimate:
    """Estimate accuracy: mean recall over concepts where each picture shows one of several.

    Where there is but one concept, or pictures show several, it is the share of right answers.

    Args:
        targets: ``(N, C)`` of +1, -1, and 0 where unknown.
        scene: ``(N,)`` number of each picture's scene.
        apart: probabilities and verdicts ``(N, C)`` of heads that saw none of a picture's scene.
        alike: the same of heads that saw all but its near-duplicates.
    """
    positive = targets > 0
    each_its_own = np.arange(len(scene))
    if targets.shape[1] > 1 and (positive.sum(axis=1) <= 1).all():
        strict = _balanced(positive, apart[0], scene)
        mild = _balanced(positive, alike[0], each_its_own)
    else:
        strict = _share_right(targets, apart[1], scene)
        mild = _share_right(targets, alike[1], each_its_own)
    if strict.high is None or mild.high is None:
        return strict
    # New pictures of scenes that are known already do as well as left-out ones of them.
    return Estimate(strict.value, strict.low, max(strict.high, mild.high))


def _share_right(targets: NDArray[np.int8], present: Bools, scene: NDArray[np.intp]) -> Estimate:
    """Count right answers; pictures of one scene together are one trial."""
    fair = judged(targets, scene)
    right = (present == (fair > 0))[fair != 0]
    if not (fair > 0).any():
        return Estimate(None, None, None)
    trials = len(right) * len(np.unique(scene)) / len(scene)
    return wilson(float(right.mean()) * trials, trials)


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
    shown = np.flatnonzero(counts)
    recalls = np.bincount(true, weights=true == predicted)[shown] / counts[shown]
    trials = len(np.unique(scene[rows]))
    # A scene of which two things are said is an example of both.
    examples = float(np.mean([len(np.unique(scene[column])) for column in positive.T[shown]]))
    error = 1.0 - float(recalls.mean())
    steepness = _STEEPNESS + _EARLY_STEEPNESS / examples
    corrected = 1.0 - error * ((examples - 1) / examples) ** steepness
    interval = wilson(corrected * trials, trials)
    correction = corrected - (1.0 - error)
    low, high = interval.low or 0.0, interval.high or 1.0
    return Estimate(corrected, max(0.0, low - correction), min(1.0, high + correction))
