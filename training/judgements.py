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
        groups: ``(N,)`` numbers: near-duplicates share one and were left out together.
    """

    labels: Labels
    probabilities: NDArray[np.floating]
    held_out: NDArray[np.bool_]
    groups: NDArray[np.integer]

    def only(self, *, held_out: bool) -> "Judgements":
        """Keep the test pictures, or the others."""
        rows = self.held_out == held_out
        arrays = (self.labels, self.probabilities, self.held_out, self.groups)
        return Judgements(*(array[rows] for array in arrays))

    @property
    def targets(self) -> Labels:
        """The labels ``(N, C)`` with what they imply."""
        return implied(self.labels)

    @property
    def judged(self) -> Labels:
        """The targets ``(N, C)`` that can be judged by, 0 elsewhere."""
        return np.where(self.held_out[:, None], self.targets, judged(self.targets, self.groups))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what an artifact keeps."""
        return {
            f"{_PREFIX}labels": self.labels.astype(np.int8),
            f"{_PREFIX}probabilities": self.probabilities.astype(np.float32),
            f"{_PREFIX}held_out": self.held_out.astype(np.uint8),
            f"{_PREFIX}groups": self.groups.astype(np.int32),
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
            groups=arrays.get(f"{_PREFIX}groups", np.arange(len(arrays[f"{_PREFIX}labels"]))),
        )


def implied(labels: Labels) -> Labels:
    """Return labels ``(N, C)`` with what they imply: a picture of one concept is no other's.

    Only pictures that someone labelled positive say anything by silence.
    """
    shown = (labels > 0).any(axis=1, keepdims=True)
    return np.where((labels == 0) & shown, np.int8(-1), labels).astype(np.int8)


def judged(targets: Labels, groups: NDArray[np.integer]) -> Labels:
    """Return the targets ``(N, C)`` that left-out predictions can be judged by, 0 elsewhere.

    Without its only example, or its only group of near-duplicates, nothing is left to know a
    concept by: that it is missed then says nothing of the head.

    Args:
        targets: ``(N, C)``.
        groups: ``(N,)`` numbers; near-duplicates share one.
    """
    several = [len(np.unique(groups[column])) > 1 for column in (targets > 0).T]
    return np.where((targets > 0) & ~np.array(several, bool), np.int8(0), targets).astype(np.int8)


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
