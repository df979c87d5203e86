"""Figures that know how sure they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959964  # of a two-sided 95 % interval
_BINS = 10


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; None where there is nothing to tell it from."""

    value: float | None
    low: float | None
    high: float | None


def wilson(successes: float, trials: float) -> Estimate:
    """Estimate a proportion (Wilson, 1927)."""
    if trials <= 0:
        return Estimate(None, None, None)
    share, scale = successes / trials, 1 + Z_95**2 / trials
    centre = (share + Z_95**2 / (2 * trials)) / scale
    spread = Z_95 / scale * np.sqrt(share * (1 - share) / trials + Z_95**2 / (4 * trials**2))
    return Estimate(share, max(0.0, float(centre - spread)), min(1.0, float(centre + spread)))


def calibration_error(probabilities: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """Expected calibration error (Naeini et al., 2015; Guo et al., 2017)."""
    if len(probabilities) == 0:
        return 0.0
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=probabilities - positive, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(probabilities))


@dataclass(frozen=True)
class ReliabilityBin:
    """Predictions of about the same probability, and how many of them came true."""

    count: int
    mean: float
    share: Estimate


def reliability(
    probabilities: NDArray[np.floating], positive: NDArray[np.bool_]
) -> list[ReliabilityBin]:
    """Group predictions into ten equal-width bins; empty ones are left out."""
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    found = []
    for number in np.unique(bins):
        mine = bins == number
        count, hits = int(mine.sum()), int(positive[mine].sum())
        found.append(ReliabilityBin(count, float(probabilities[mine].mean()), wilson(hits, count)))
    return found
