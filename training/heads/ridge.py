"""Ridge regression on many targets at once, with exact leave-one-out for every regulariser."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

REGULARISERS = np.geomspace(1e-3, 30.0, 15)


@dataclass(frozen=True)
class RidgeFit:
    """The solution for the best regulariser.

    Attributes:
        weights: ``(C, D)``.
        left_out: ``(N, C)`` what each row's group is predicted to be without it.
        regulariser: the one chosen.
    """

    weights: Doubles
    left_out: Doubles
    regulariser: float


def fit_ridge(
    rows: Doubles,
    targets: Doubles,
    row_weights: Doubles,
    groups: NDArray[np.intp] | None = None,
) -> RidgeFit:
    """Minimise Σ w (x·β - y)² + λ|β|², with λ by the weighted leave-one-out error.

    One eigendecomposition of the Gram matrix (of the smaller side) serves every λ. A group is
    left out by solving with its block of the hat matrix, which is exact.

    Source: Allen's PRESS; Rifkin and Lippert, "Notes on regularized least squares" (2007).

    Args:
        rows: ``(N, D)``.
        targets: ``(N, C)``.
        row_weights: ``(N,)`` positive.
        groups: ``(N,)`` group numbers; each row is its own group where not given.
    """
    root = np.sqrt(row_weights)[:, None]
    x, y = rows * root, targets * root
    primal = len(x) > x.shape[1]
    eigenvalues, vectors = np.linalg.eigh(x.T @ x if primal else x @ x.T)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    # The left singular vectors of x: what the hat matrix is made of.
    left = x @ vectors / np.sqrt(np.maximum(eigenvalues, 1e-12)) if primal else vectors
    projected = left.T @ y
    best: tuple[float, float, Doubles] | None = None
    for regulariser in REGULARISERS:
        shrink = eigenvalues / (eigenvalues + regulariser)
        residual = _left_out_residual(left, shrink, projected, y, groups)
        error = float((residual**2).mean())
        if best is None or error < best[0]:
            best = (error, float(regulariser), residual)
    assert best is not None  # noqa: S101  # REGULARISERS is not empty
    _, regulariser, residual = best
    if primal:
        weights = vectors @ ((vectors.T @ (x.T @ y)) / (eigenvalues + regulariser)[:, None])
    else:
        weights = x.T @ (vectors @ (projected / (eigenvalues + regulariser)[:, None]))
    return RidgeFit(weights.T, targets - residual / root, regulariser)


def _left_out_residual(
    left: Doubles,
    shrink: Doubles,
    projected: Doubles,
    y: Doubles,
    groups: NDArray[np.intp] | None,
) -> Doubles:
    residual = y - left @ (shrink[:, None] * projected)
    leverage = np.einsum("nr,r,nr->n", left, shrink, left)
    result: Doubles = residual / np.maximum(1.0 - leverage, 1e-6)[:, None]
    if groups is not None:
        for group in _shared(groups):
            block = left[group] * shrink @ left[group].T
            system = np.eye(len(group)) * (1 + 1e-9) - block
            result[group] = np.linalg.solve(system, residual[group])
    return result


def _shared(groups: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """List the members of each group of two or more."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return [members for members in np.split(order, starts) if len(members) > 1]
