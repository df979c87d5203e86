"""Why a picture scores as it does: what each training picture gave, exactly.

A ridge solution is a sum over its rows: the score of a vector x is Σ αᵢ (xᵢ·x + 1), the 1 being
the constant that is fitted along. Each summand is what a training picture pulled the score up or
down by; for kernel machines these are called representer values (Yeh et al., "Representer point
selection for explaining deep neural networks", NeurIPS 2018).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Influence:
    """The parts of one score.

    Attributes:
        pictures: ``(N,)`` what each training picture gave.
        background: what all background pictures gave together.
        similarities: ``(N,)`` cosines of the training pictures with this one.
    """

    pictures: Floats
    background: float
    similarities: Floats

    @property
    def score(self) -> float:
        """The sum of all parts: the head's score."""
        return float(self.pictures.sum(dtype=np.float64)) + self.background


def influence(
    vector: Floats,
    vectors: Floats,
    bank: Floats,
    pulls: Floats,
    *,
    views: Floats | None = None,
    viewed: NDArray[np.intp] | None = None,
) -> Influence:
    """Take a score apart; a picture's views gave what they gave to its name.

    Args:
        vector: ``(D,)`` of the picture in question.
        vectors: ``(N, D)`` of the training pictures, in the order of the fit.
        bank: ``(B, D)`` of the background's pictures, of which the fit saw the first ones.
        pulls: ``(N + R + M, C)`` reduced to one concept; see `heads.FitResult`.
        views: ``(R, D)`` those that were learned.
        viewed: ``(R,)`` each one's picture among the N.
    """
    if views is None or viewed is None:
        views, viewed = vectors[:0], np.array([], np.intp)
    similarities = vectors @ vector
    own, rest = pulls[: len(vectors)], pulls[len(vectors) :]
    of_views, of_bank = np.split(rest, [len(views)])
    pictures = own * (similarities + 1.0)
    np.add.at(pictures, viewed, of_views * (views @ vector + 1.0))
    seen = bank[: len(of_bank)]  # the fit saw the first ones
    return Influence(
        pictures=np.asarray(pictures, np.float32),
        background=float(of_bank.astype(np.float64) @ (seen @ vector + 1.0)),
        similarities=np.asarray(similarities, np.float32),
    )
