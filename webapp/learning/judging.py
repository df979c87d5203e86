"""Figures of what a version said of pictures that it had not seen. Needs numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from training.comparison import Paired
    from training.estimates import ReliabilityBin
    from training.evaluate import ConceptEvaluation
    from training.judgements import Judgements


@dataclass(frozen=True)
class Verdicts:
    """Judgements with verdicts at some thresholds.

    Attributes:
        names: of the C concepts.
        judgements: of N pictures.
        present: (N, C) bool, what counts as shown.
        is_exclusive: exactly one concept is true of each picture.
    """

    names: Sequence[str]
    judgements: Judgements
    present: np.ndarray
    is_exclusive: bool

    @classmethod
    def at(
        cls,
        judgements: Judgements,
        names: Sequence[str],
        thresholds: Sequence[float],
        *,
        is_exclusive: bool,
    ) -> Verdicts:
        from training.judgements import present

        verdicts = present(judgements.probabilities, thresholds, exclusive=is_exclusive)
        return cls(names, judgements, verdicts, is_exclusive)

    def figures(self) -> list[ConceptEvaluation]:
        """Return precision, recall, F1 and average precision of each concept."""
        from training.evaluate import evaluate_concept

        targets, probabilities = self.judgements.judged, self.judgements.probabilities
        return [
            evaluate_concept(name, targets[:, c], probabilities[:, c], self.present[:, c])
            for c, name in enumerate(self.names)
        ]

    def reliability(self, column: int) -> list[ReliabilityBin]:
        """Return how often predictions of about the same probability came true."""
        from training.estimates import reliability

        target = self.judgements.judged[:, column]
        known = target != 0
        return reliability(self.judgements.probabilities[known, column], target[known] > 0)

    def confusion(self) -> dict[tuple[int, int], list[int]]:
        """Return the rows of pictures with one true concept, by it and by the best one found.

        The column behind the last one is *none of these*.
        """
        from training.evaluate import confused

        true, found, rows = confused(
            self.judgements.judged, self.judgements.probabilities, self.present
        )
        cells: dict[tuple[int, int], list[int]] = {}
        for cell_true, cell_found, row in zip(true, found, rows, strict=True):
            cells.setdefault((int(cell_true), int(cell_found)), []).append(int(row))
        return cells

    def claimable(self, column: int) -> np.ndarray:
        """Return (N,) bool: whether a threshold could let the concept count as present."""
        import numpy as np

        probabilities = self.judgements.probabilities
        if not self.is_exclusive:
            return np.ones(len(probabilities), bool)
        return np.asarray(probabilities.argmax(axis=1) == column)


def implied(labels: np.ndarray) -> np.ndarray:
    """Return labels (N, C) int8 with what they imply."""
    from training.judgements import implied

    return implied(labels)


def paired(before: np.ndarray, after: np.ndarray) -> Paired:
    """Return whether what is right (N,) bool before and after differs by more than chance."""
    from training.comparison import paired

    return paired(before, after)


def f1_of(targets: np.ndarray, verdicts: Sequence[np.ndarray]) -> list[dict[str, float | None]]:
    """Return the F1 of each verdicts (N,) bool on the same targets (N,)."""
    from training.evaluate import evaluate_concept

    figures = [
        evaluate_concept("", targets, present.astype(float), present).f1 for present in verdicts
    ]
    return [{"value": f1.value, "low": f1.low, "high": f1.high} for f1 in figures]
