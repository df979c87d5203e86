"""Whether one model is better than another on the same pictures, or whether that is chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from training.estimates import Estimate, wilson

Bools = NDArray[np.bool_]

_DRAWS = 2000
_SEED = 0


@dataclass(frozen=True)
class Paired:
    """Two models on the same items.

    Attributes:
        items: how many there are.
        before: share that the first got right.
        after: share that the second got right.
        difference: after minus before, its interval from a paired bootstrap.
        gained: items that only the second got right.
        lost: items that only the first got right.
        p_value: how often chance alone would part the two as far.
    """

    items: int
    before: Estimate
    after: Estimate
    difference: Estimate
    gained: int
    lost: int
    p_value: float


def paired(before: Bools, after: Bools) -> Paired:
    """Compare what was right ``(N,)`` before and after."""
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    return Paired(
        items=len(before),
        before=wilson(float(before.sum()), len(before)),
        after=wilson(float(after.sum()), len(after)),
        difference=_bootstrap(after.astype(np.float64) - before),
        gained=gained,
        lost=lost,
        p_value=mcnemar(gained, lost),
    )


def mcnemar(gained: int, lost: int) -> float:
    """Return the two-sided p-value of McNemar's test, in its exact binomial form.

    Source: McNemar, "Note on the sampling error of the difference between correlated
    proportions" (Psychometrika 1947); recommended for two classifiers on one test set by
    Dietterich (Neural Computation 1998).
    """
    return min(1.0, 2 * float(bdtr(min(gained, lost), gained + lost, 0.5)))


def _bootstrap(differences: NDArray[np.float64]) -> Estimate:
    """Estimate a mean by drawing items again (Efron and Tibshirani, 1993)."""
    if not len(differences):
        return Estimate(None, None, None)
    # Of three kinds of items only the counts matter, so that a draw is one of counts.
    kinds = [float((differences == kind).mean()) for kind in (-1, 0, 1)]
    draws = np.random.default_rng(_SEED).multinomial(len(differences), kinds, size=_DRAWS)
    means = (draws[:, 2] - draws[:, 0]) / len(differences)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(differences.mean()), float(low), float(high))
