"""Ridge regression on many targets at once, with exact leave-one-out for every regulariser."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

REGULARISERS = np.geomspace(0.1, 6.4, 7)
# With few rows the leave-one-out error says little; this holds the choice near what serves well.
USUAL_REGULARISER = 0.25
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
        cost: what the choice was by: N · log of the left-out error, and the prior.
        pulls: ``(N, C)`` float32, the solution in its dual form: ``weights = pullsᵀ · rows``.
    """

    weights: Doubles
    left_out: Doubles
    fitted: Doubles
    regulariser: float
    cost: float
    pulls: NDArray[np.float32]


class Ridge:
    """Rows that are decomposed once, then fitted to any targets with any λ.

    Minimises Σ w (x·β - y)² + λ|β|². One eigendecomposition of the Gram matrix (of the smaller
    side) serves every λ and every set of targets. A group is left out by solving with its block
    of the hat matrix, which is exact.

    Source: Allen's PRESS; Rifkin and Lippert, "Notes on regularized least squares" (2007).

    Args:
        rows: ``(N, D)``.
        row_weights: ``(N,)`` positive.
        groups: ``(N,)`` group numbers; each row is its own group where not given.
    """

    def __init__(
        self, rows: Doubles, row_weights: Doubles, groups: NDArray[np.intp] | None = None
    ) -> None:
        self._root = np.sqrt(row_weights)[:, None]
        self._x = rows * self._root
        self._primal = len(rows) > rows.shape[1]
        gram = self._x.T @ self._x if self._primal else self._x @ self._x.T
        eigenvalues, self._vectors = np.linalg.eigh(gram)
        self._eigenvalues = np.maximum(eigenvalues, 0.0)
        # The left singular vectors of x: what the hat matrix is made of.
        self._left = self._vectors
        if self._primal:
            scale = np.sqrt(np.maximum(self._eigenvalues, 1e-12))
            self._left = self._x @ self._vectors
            self._left /= scale
        self._shared = _shared(groups)

    def fit(
        self,
        targets: Doubles,
        *,
        judged: int | None = None,
        regularisers: NDArray[np.float64] = REGULARISERS,
    ) -> RidgeFit:
        """Fit all targets, with λ by the leave-one-out error.

        Args:
            targets: ``(N, C)``.
            judged: how many of the first rows the error is taken over; all where not given.
            regularisers: the λ to choose from.
        """
        y = targets * self._root
        projected = self._left.T @ y
        count = len(y) if judged is None else judged
        sample = slice(None) if self._shared else slice(0, count, -(-count // _MOST_JUDGED))

        def cost(regulariser: float) -> float:
            left_out = self._residuals(y, regulariser, self._shared, projected, sample)[1]
            distance = np.log(regulariser / USUAL_REGULARISER)
            # In the targets' own units: rows that weigh less are no better known for that.
            error = ((left_out / self._root[sample])[:count] ** 2).mean()
            return float(count * np.log(error + 1e-12) + _PRIOR_STRENGTH * distance**2)

        least, best = min((cost(regulariser), float(regulariser)) for regulariser in regularisers)
        plain, left_out = self._residuals(y, best, self._shared, projected)
        # Where the gradient vanishes, λβ = Σ w (y - x·β) x.
        return RidgeFit(
            plain.T @ self._x / best,
            targets - left_out / self._root,
            targets - plain / self._root,
            best,
            least,
            np.asarray(self._root * plain / best, np.float32),
        )

    def left_out(self, targets: Doubles, regulariser: float, groups: NDArray[np.intp]) -> Doubles:
        """Predict each row ``(N, C)`` without its group, which may be another than for the fit."""
        y = targets * self._root
        left_out = self._residuals(y, regulariser, _shared(groups), self._left.T @ y)[1]
        return np.asarray(targets - left_out / self._root)

    def _residuals(
        self,
        y: Doubles,
        regulariser: float,
        shared: list[NDArray[np.intp]],
        projected: Doubles,
        part: slice = slice(None),
    ) -> tuple[Doubles, Doubles]:
        shrink = self._eigenvalues / (self._eigenvalues + regulariser)
        left = self._left[part]
        plain = y[part] - left @ (shrink[:, None] * projected)
        leverage = np.einsum("nk,nk,k->n", left, left, shrink)  # without a copy of all squares
        left_out = plain / np.maximum(1.0 - leverage, 1e-9)[:, None]
        for groups in shared:
            rows = left[groups]
            blocks = rows * shrink @ rows.transpose(0, 2, 1)
            left_out[groups] = np.linalg.solve(np.eye(rows.shape[1]) - blocks, plain[groups])
        return plain, left_out


def solve_ridge(rows: Doubles, targets: Doubles, regulariser: float) -> Doubles:
    """Solve for one λ without leave-one-out: weights ``(C, D)``."""
    count, dimensions = rows.shape
    if count > dimensions:
        gram = rows.T @ rows + regulariser * np.eye(dimensions)
        return np.asarray(np.linalg.solve(gram, rows.T @ targets).T)
    gram = rows @ rows.T + regulariser * np.eye(count)
    return np.asarray((rows.T @ np.linalg.solve(gram, targets)).T)


def _shared(groups: NDArray[np.intp] | None) -> list[NDArray[np.intp]]:
    """List the members of groups of two or more: ``(G, S)`` of all G that have S members."""
    if groups is None:
        return []
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    members = np.split(order, starts)
    sizes = {len(group) for group in members} - {1}
    return [np.stack([g for g in members if len(g) == size]) for size in sorted(sizes)]
