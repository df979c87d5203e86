"""From left-out scores to probabilities and thresholds, for all concepts at once."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, logsumexp

Doubles = NDArray[np.float64]

_NEWTON_STEPS = 25
_CUT = 0.35


def fit_platt(
    scores: Doubles,
    positive: NDArray[np.bool_],
    row_weights: Doubles,
    *,
    usual_slope: float,
    slope_deviation: float,
    usual_offset: float = 0.0,
    offset_deviation: float = 1e3,
) -> tuple[Doubles, Doubles]:
    """Fit ``logit = slope * score + offset`` per concept, with a prior on both.

    Targets are shrunk as in Platt, "Probabilistic outputs for support vector machines" (1999),
    so that few examples never claim certainty. Newton's method on two convex parameters.

    Args:
        scores: ``(N, C)`` left-out scores.
        positive: ``(N, C)``.
        row_weights: ``(N, C)``, zero for what is unknown.
        usual_slope: the prior's mean.
        slope_deviation: the prior's standard deviation.
        usual_offset: the prior's mean.
        offset_deviation: the prior's standard deviation; by default there is no prior.

    Returns:
        Slopes ``(C,)``, positive, and offsets ``(C,)``.
    """
    positives = (row_weights * positive).sum(axis=0)
    negatives = (row_weights * ~positive).sum(axis=0)
    target = np.where(positive, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    precision, offset_precision = slope_deviation**-2, offset_deviation**-2
    slope = np.full(scores.shape[1], usual_slope)
    offset = -slope * np.average(scores, axis=0, weights=row_weights + 1e-12)
    for _ in range(_NEWTON_STEPS):
        probability = expit(slope * scores + offset)
        error = row_weights * (probability - target)
        curvature = row_weights * probability * (1 - probability)
        grad_slope = (error * scores).sum(axis=0) + precision * (slope - usual_slope)
        grad_offset = error.sum(axis=0) + offset_precision * (offset - usual_offset)
        h_ss = (curvature * scores**2).sum(axis=0) + precision
        h_so = (curvature * scores).sum(axis=0)
        h_oo = curvature.sum(axis=0) + offset_precision + 1e-6
        determinant = h_ss * h_oo - h_so**2
        step_slope = (h_oo * grad_slope - h_so * grad_offset) / determinant
        step_offset = (h_ss * grad_offset - h_so * grad_slope) / determinant
        # Far from the optimum a full step overshoots; this bounds it without a line search.
        damp = np.minimum(1.0, 2.0 / np.maximum(np.abs(step_slope), np.abs(step_offset) + 1e-12))
        slope = np.maximum(slope - damp * step_slope, 0.1)
        offset = offset - damp * step_offset
        if max(np.abs(step_slope).max(), np.abs(step_offset).max()) < 1e-6:
            break
    return slope, offset


def fit_temperature(
    scores: Doubles, best: NDArray[np.intp], *, usual: float, deviation: float
) -> float:
    """Fit the factor before a softmax on left-out scores (Guo et al., 2017), with a prior.

    Args:
        scores: ``(N, C)`` left-out scores.
        best: ``(N,)`` each row's true concept.
        usual: the prior's median.
        deviation: the prior's standard deviation of the logarithm.
    """

    def cost(log_factor: float) -> float:
        logits = np.exp(log_factor) * scores
        fit = logsumexp(logits, axis=1).sum() - logits[np.arange(len(best)), best].sum()
        return float(fit + 0.5 * ((log_factor - np.log(usual)) / deviation) ** 2)

    bounds = (np.log(usual) - 3, np.log(usual) + 3)
    return float(np.exp(minimize_scalar(cost, bounds=bounds, method="bounded").x))


def best_f1_thresholds(
    probabilities: Doubles, positive: NDArray[np.bool_], row_weights: Doubles
) -> Doubles:
    """Choose per concept the probability from which counting as present gives the best F1.

    The cut lies in the lower part of its gap: what is like the examples is worth more than what
    is unlike all others. Args as in :func:`fit_platt`; returns ``(C,)``.
    """
    order = np.argsort(-probabilities, axis=0, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=0)
    weights = np.take_along_axis(row_weights, order, axis=0)
    hits = np.cumsum(np.take_along_axis(row_weights * positive, order, axis=0), axis=0)
    f1 = 2 * hits / (np.cumsum(weights, axis=0) + hits[-1] + 1e-12)
    # Between equal probabilities no threshold can cut.
    f1[:-1][ranked[:-1] == ranked[1:]] = -1.0
    below = np.concatenate([ranked[1:], np.zeros_like(ranked[:1])])
    cut = f1.argmax(axis=0)[None]
    within = below + _CUT * (ranked - below)
    return np.asarray(np.take_along_axis(within, cut, axis=0)[0])
