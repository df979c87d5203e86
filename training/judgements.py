"""What a model said of labelled pictures that it had not seen: the ground of all its figures.

numpy alone is needed here: the web process reads these too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int8]

_PREFIX = "judged."


@dataclass(frozen=True)
class Judgements:
    """Predictions of N labelled pictures for C concepts.

    Attributes:
        labels: ``(N, C)`` as people set them: +1 shows the concept, -1 does not, 0 nobody said.
        probabilities: ``(N, C)``, of a head that was fitted without the picture.
        held_out: ``(N,)`` bool: true for test pictures, which no head was fitted on; the others
            were left out in turn.
    """

    labels: Labels
    probabilities: NDArray[np.floating]
    held_out: NDArray[np.bool_]

    def only(self, *, held_out: bool) -> "Judgements":
        """Keep the test pictures, or the others."""
        rows = self.held_out == held_out
        return Judgements(self.labels[rows], self.probabilities[rows], self.held_out[rows])

    @property
    def targets(self) -> Labels:
        """The labels ``(N, C)`` with what they imply."""
        return implied(self.labels)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what an artifact keeps."""
        return {
            f"{_PREFIX}labels": self.labels.astype(np.int8),
            f"{_PREFIX}probabilities": self.probabilities.astype(np.float32),
            f"{_PREFIX}held_out": self.held_out.astype(np.uint8),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Judgements | None":
        """Read what :meth:`to_arrays` wrote; None where an older artifact kept nothing."""
        if f"{_PREFIX}labels" not in arrays:
            return None
        return cls(
            labels=arrays[f"{_PREFIX}labels"],
            # Six digits are what rows and the API say: figures are of the same numbers.
            probabilities=arrays[f"{_PREFIX}probabilities"].astype(np.float64).round(6),
            held_out=arrays[f"{_PREFIX}held_out"].astype(bool),
        )


def implied(labels: Labels) -> Labels:
    """Return labels ``(N, C)`` with what they imply: a picture of one concept is no other's.

    Only pictures that someone labelled positive say anything by silence.
    """
    shown = (labels > 0).any(axis=1, keepdims=True)
    return np.where((labels == 0) & shown, np.int8(-1), labels).astype(np.int8)


def present(
    probabilities: NDArray[np.floating],
    thresholds: Sequence[float] | NDArray[np.floating],
    *,
    exclusive: bool,
) -> NDArray[np.bool_]:
    """Tell which concepts count as present ``(N, C)``; of exclusive ones only the best may."""
    found = probabilities >= np.asarray(thresholds, probabilities.dtype)
    if exclusive:
        best = probabilities.argmax(axis=1)[:, None] == np.arange(probabilities.shape[1])
        found &= best
    return np.asarray(found)
