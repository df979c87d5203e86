"""From leave-one-out scores to probabilities and thresholds."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Doubles = NDArray[np.float64]


def fit_platt(
    scores: Doubles, positive: NDArray[np.bool_], row_weights: Doubles
) -> tuple[float, float]:
    """Fit ``logit = slope * score + offset`` on left-out scores, slope positive.

    Targets are shrunk as in Platt, "Probabilistic outputs for support vector machines" (1999),
    and a weak prior on the slope keeps three examples from claiming certainty.

    Args:
        scores: ``(N,)``.
        positive: ``(N,)``.
        row_weights: ``(N,)``.
    """
    positives = row_weights[positive].sum()
    negatives = row_weights[~positive].sum()
    target = np.where(positive, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: Doubles) -> tuple[float, Doubles]:
        log_slope, offset = parameters
        slope = np.exp(log_slope)
        logits = slope * scores + offset
        cross_entropy = np.logaddexp(0, logits) - target * logits
        error = row_weights * (expit(logits) - target)
        prior = log_slope - np.log(3.0)
        value = float(row_weights @ cross_entropy + 0.5 * prior**2)
        gradient = np.array([slope * (error @ scores) + prior, error.sum()])
        return value, gradient

    found = minimize(loss, np.array([np.log(3.0), 0.0]), jac=True, method="L-BFGS-B")
    return float(np.exp(found.x[0])), float(found.x[1])


def best_f1_threshold(
    probabilities: Doubles, positive: NDArray[np.bool_], row_weights: Doubles
) -> float:
    """Choose the probability from which counting as present gives the best F1."""
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(np.where(positive, row_weights, 0.0)[order])
    claimed = np.cumsum(row_weights[order])
    f1 = 2 * hits / (claimed + row_weights[positive].sum())
    ranked = probabilities[order]
    # Between equal probabilities no threshold can cut.
    f1[:-1][ranked[:-1] == ranked[1:]] = -1.0
    best = int(np.argmax(f1))
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float(np.clip((ranked[best] + below) / 2, 0.05, 0.95))
