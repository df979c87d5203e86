"""Ridge regression on many targets at once, with exact leave-one-out for every regulariser."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

REGULARISERS = np.geomspace(0.1, 6.4, 7)
# With few rows the leave-one-out error says little; this holds the choice near what serves well.
_USUAL_REGULARISER = 0.25
_PRIOR_STRENGTH = 0.5
# More rows than this tell no more about the regulariser.
_MOST_JUDGED = 2000


@dataclass(frozen=True)
class RidgeFit:
    """The solution for the chosen regulariser.

    Attributes:
        weights: ``(C, D)``.
        left_out: ``(N, C)`` what each row is predicted to be without its group.
        fitted: ``(N, C)`` what each row is predicted to be.
        regulariser: the one chosen.
        pulls: ``(N, C)`` float32, the solution in its dual form: ``weights = pullsᵀ · rows``.
    """

    weights: Doubles
    left_out: Doubles
    fitted: Doubles
    regulariser: float
    pulls: NDArray[np.float32]


def fit_ridge(
    rows: Doubles,
    targets: Doubles,
    row_weights: Doubles,
    *,
    judged: int | None = None,
    groups: NDArray[np.intp] | None = None,
    regularisers: NDArray[np.float64] = REGULARISERS,
) -> RidgeFit:
    """Minimise Σ w (x·β - y)² + λ|β|², with λ by the leave-one-out error.

    One eigendecomposition of the Gram matrix (of the smaller side) serves every λ. A group is
    left out by solving with its block of the hat matrix, which is exact.

    Source: Allen's PRESS; Rifkin and Lippert, "Notes on regularized least squares" (2007).

    Args:
        rows: ``(N, D)``.
        targets: ``(N, C)``.
        row_weights: ``(N,)`` positive.
        judged: how many of the first rows the error is taken over; all where not given.
        groups: ``(N,)`` group numbers; each row is its own group where not given.
        regularisers: the λ to choose from.
    """
    root = np.sqrt(row_weights)[:, None]
    x, y = rows * root, targets * root
    primal = len(x) > x.shape[1]
    eigenvalues, vectors = np.linalg.eigh(x.T @ x if primal else x @ x.T)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    # The left singular vectors of x: what the hat matrix is made of.
    left = x @ vectors / np.sqrt(np.maximum(eigenvalues, 1e-12)) if primal else vectors
    projected = left.T @ y
    squares = left**2
    shared = [] if groups is None else _shared(groups)
    count = len(rows) if judged is None else judged
    sample = slice(None) if shared else slice(0, count, -(-count // _MOST_JUDGED))

    def residuals(regulariser: float, part: slice) -> tuple[Doubles, Doubles]:
        shrink = eigenvalues / (eigenvalues + regulariser)
        plain = y[part] - left[part] @ (shrink[:, None] * projected)
        left_out = plain / np.maximum(1.0 - squares[part] @ shrink, 1e-9)[:, None]
        for group in shared:
            block = left[group] * shrink @ left[group].T
            left_out[group] = np.linalg.solve(np.eye(len(group)) - block, plain[group])
        return plain, left_out

    def cost(regulariser: float) -> float:
        error = (residuals(regulariser, sample)[1][:count] ** 2).mean()
        distance = np.log(regulariser / _USUAL_REGULARISER)
        return float(count * np.log(error + 1e-12) + _PRIOR_STRENGTH * distance**2)

    best = float(min(regularisers, key=cost)) if len(regularisers) > 1 else float(regularisers[0])
    plain, left_out = residuals(best, slice(None))
    if primal:
        weights = vectors @ ((vectors.T @ (x.T @ y)) / (eigenvalues + best)[:, None])
    else:
        weights = x.T @ (vectors @ (projected / (eigenvalues + best)[:, None]))
    # Where the gradient vanishes, λβ = Σ w (y - x·β) x.
    pulls = np.asarray(root * plain / best, np.float32)
    return RidgeFit(weights.T, targets - left_out / root, targets - plain / root, best, pulls)


def solve_ridge(rows: Doubles, targets: Doubles, regulariser: float) -> Doubles:
    """Solve for one λ without leave-one-out: weights ``(C, D)``."""
    count, dimensions = rows.shape
    if count > dimensions:
        gram = rows.T @ rows + regulariser * np.eye(dimensions)
        return np.asarray(np.linalg.solve(gram, rows.T @ targets).T)
    gram = rows @ rows.T + regulariser * np.eye(count)
    return np.asarray((rows.T @ np.linalg.solve(gram, targets)).T)


def _shared(groups: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """List the members of each group of two or more."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return [members for members in np.split(order, starts) if len(members) > 1]
