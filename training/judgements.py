"""What a model said of labelled pictures that it had not seen: the ground of all its figures.

numpy alone is needed here: the web process reads these too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Labels = NDArray[np.int8]

_PREFIX = "judged."


@dataclass(frozen=True)
class Judgements:
    """Predictions of N labelled pictures for C concepts.

    Attributes:
        labels: ``(N, C)`` as people set them: +1 shows the concept, -1 does not, 0 nobody said.
        probabilities: ``(N, C)`` float32, of a head that was fitted without the picture.
        held_out: ``(N,)`` bool: true for test pictures, which no head was fitted on; the others
            were left out in turn.
    """

    labels: Labels
    probabilities: Floats
    held_out: NDArray[np.bool_]

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
            probabilities=arrays[f"{_PREFIX}probabilities"],
            held_out=arrays[f"{_PREFIX}held_out"].astype(bool),
        )


def implied(labels: Labels) -> Labels:
    """Return labels ``(N, C)`` with what they imply: a picture of one concept is no other's.

    Only pictures that someone labelled positive say anything by silence.
    """
    shown = (labels > 0).any(axis=1, keepdims=True)
    return np.where((labels == 0) & shown, np.int8(-1), labels).astype(np.int8)


def present(
    probabilities: Floats, thresholds: Sequence[float] | Floats, *, exclusive: bool
) -> NDArray[np.bool_]:
    """Tell which concepts count as present ``(N, C)``; of exclusive ones only the best may."""
    found = probabilities >= np.asarray(thresholds, np.float32)
    if exclusive:
        best = probabilities.argmax(axis=1)[:, None] == np.arange(probabilities.shape[1])
        found &= best
    return np.asarray(found)
