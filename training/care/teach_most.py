"""Which pictures' labels would teach most."""

import numpy as np
from numpy.typing import NDArray

from training.ridge import USUAL_REGULARISER

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_MOST_WEIGHED = 5000


def teach_most(
    labelled: Floats,
    unlabelled: Floats,
    probabilities: Floats | None,
    *,
    count: int,
    seed: int = 0,
) -> list[int]:
    """Choose unlabelled pictures to label next, one after the other.

    Each is where the model knows least: how unsure it is of the picture, times what is left of
    the variance of a Gaussian process there, the one whose mean is the head's usual ridge.
    Labelling a picture takes variance away around it, so that ten are chosen that are not ten
    alike; and a picture counts more where many are like it.

    Args:
        labelled: ``(N, D)`` unit vectors.
        unlabelled: ``(M, D)``.
        probabilities: ``(M, C)`` of the unlabelled ones; None where nothing was taught yet.
        count: how many.
        seed: of the sample that is weighed where there are very many.

    Returns:
        Rows of ``unlabelled``, what teaches most first.
    """
    random = np.random.default_rng(seed)
    sample = np.sort(random.permutation(len(unlabelled))[:_MOST_WEIGHED])
    pool = unlabelled[sample].astype(np.float64)
    covariance = _covariance(pool, labelled.astype(np.float64))
    unsure = np.ones(len(pool)) if probabilities is None else _doubt(probabilities[sample])
    chosen: list[int] = []
    for _ in range(min(count, len(pool))):
        # What labelling a picture takes from the variance of all, each weighing by its doubt.
        gain = (covariance**2 @ unsure) / (covariance.diagonal() + USUAL_REGULARISER) * unsure
        gain[chosen] = -np.inf
        best = int(gain.argmax())
        chosen.append(best)
        column = covariance[:, best]
        covariance -= np.outer(column, column) / (column[best] + USUAL_REGULARISER)
    return [int(sample[row]) for row in chosen]


def _covariance(pool: Doubles, known: Doubles) -> Doubles:
    """Posterior covariance ``(P, P)`` of the pool given the labelled pictures.

    By the smaller side of what is known; with many examples the larger would fill the memory.
    """
    count, dimensions = known.shape
    if count > dimensions:
        precision = known.T @ known / USUAL_REGULARISER + np.eye(dimensions)
        return np.asarray(pool @ np.linalg.solve(precision, pool.T))
    cross = pool @ known.T
    gram = known @ known.T + USUAL_REGULARISER * np.eye(count)
    return np.asarray(pool @ pool.T - cross @ np.linalg.solve(gram, cross.T))


def _doubt(probabilities: Floats) -> Doubles:
    """One where the two likeliest answers are as likely, towards zero where one is sure."""
    if probabilities.shape[1] == 1:
        return np.asarray(1.0 - np.abs(2.0 * probabilities[:, 0] - 1.0), np.float64)
    ranked = np.sort(probabilities, axis=1)
    return np.asarray(1.0 - (ranked[:, -1] - ranked[:, -2]), np.float64)
