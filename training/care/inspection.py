"""Everything that hurts among the examples, ranked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.care.oddities import conflicts, inseparable, outliers
from training.care.wrong_labels import Examination, Suspect
from training.heads import TrainingSet

Floats = NDArray[np.float32]
Labels = NDArray[np.int8]

_MEASURED = 20  # mends whose effect is measured one by one


@dataclass(frozen=True)
class Concern:
    """Something about the examples to look at.

    Attributes:
        kind: ``wrong_label``, ``conflict``, ``outlier`` or ``inseparable``.
        row: of the picture; none for concepts.
        other: row of the near-duplicate that says otherwise.
        concept: column it is about.
        suggested: column of what seems right, or of the other concept.
        score: how sure it is; 0 to 1.
        gain: by how much mending raised the accuracy on the other examples.
    """

    kind: str
    row: int | None
    other: int | None
    concept: int
    suggested: int | None
    score: float
    gain: float | None = None


def inspect(
    vectors: Floats, labels: Labels, groups: Sequence[int], *, is_exclusive: bool
) -> list[Concern]:
    """List what hurts, worst first.

    Args:
        vectors: ``(N, D)`` of labelled pictures.
        labels: ``(N, C)`` of +1, -1, and 0 where nobody said.
        groups: N numbers of groups of near-duplicates.
        is_exclusive: whether a picture shows one concept at most.
    """
    names = [str(column) for column in range(labels.shape[1])]
    targets = TrainingSet(vectors, labels, names).targets
    of_group = np.unique(np.asarray(groups), return_inverse=True)[1]
    examination = Examination(vectors, targets, of_group)
    # What silence implies is nobody's mistake where several concepts may be true.
    told = targets if examination.is_exclusive and is_exclusive else labels
    suspects = [s for s in examination.wrong_labels() if told[s.row, s.concept] != 0]
    found = [
        _concern(suspect, examination.gain([suspect]) if place < _MEASURED else None)
        for place, suspect in enumerate(suspects)
    ]
    found += [
        Concern("conflict", row, other, concept, None, 1.0)
        for row, other, concept in conflicts(told, of_group)
    ]
    suspected = {suspect.row for suspect in suspects}
    found += [
        Concern("outlier", row, None, concept, None, 1.0 - similarity)
        for row, concept, similarity in outliers(vectors, labels)
        if row not in suspected
    ]
    found += [
        Concern("inseparable", None, None, pair.concept, pair.other, pair.share)
        for pair in inseparable(examination.scores, targets)
    ]
    return found


def _concern(suspect: Suspect, gain: float | None) -> Concern:
    return Concern(
        kind="wrong_label",
        row=suspect.row,
        other=None,
        concept=suspect.concept,
        suggested=suspect.suggested,
        score=suspect.probability,
        gain=gain,
    )
