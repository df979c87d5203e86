"""Probabilities of pictures under a head, worked out in one product and written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from webapp import learning, wire
from webapp.models import Concept, Draft, Prediction, Project
from webapp.models.learning import TaughtConcept, thresholds_in_use
from webapp.selectors import near
from webapp.selectors import vectors as vector_selectors
from webapp.selectors.vectors import Vectors
from webapp.services import locks

if TYPE_CHECKING:
    import numpy as np

    from training.heads import Head

_COLUMNS = [
    ("image_id", ">i8"),
    ("concept_id", ">i8"),
    ("is_present", "?"),
    ("probability", ">f8"),
]
_ROUNDING = 1e-6  # rows keep six digits


@dataclass(frozen=True)
class Scorer:
    """A head and the concepts that its outputs are of."""

    head: Head
    concepts: Sequence[TaughtConcept]

    @property
    def known_by(self) -> str:
        """What the vectors are known by that it judges."""
        return self.head.fingerprint

    @classmethod
    def of(
        cls, head: Head, concepts: Sequence[TaughtConcept], chosen: Mapping[str, float]
    ) -> Scorer:
        """Return a head that decides by the thresholds that people chose."""
        return cls(learning.decided(head, thresholds_in_use(concepts, chosen)), concepts)

    def living_columns(self, project_id: int) -> dict[int, int]:
        """Return by id, ascending, the column of each concept that was not deleted since."""
        living = set(Concept.objects.filter(project=project_id).values_list("pk", flat=True))
        columns = {c["id"]: column for column, c in enumerate(self.concepts) if c["id"] in living}
        return dict(sorted(columns.items()))


def current(project_id: int) -> Scorer | None:
    """Return what the pages show the word of: the draft, or else the newest version."""
    draft = Draft.objects.filter(project=project_id).first()
    version = Project.objects.select_related("version").get(pk=project_id).version
    shown = draft or version
    if shown is None or not learning.is_here(shown.fingerprint):
        return None
    head = (
        learning.parse_head(shown.head)
        if isinstance(shown, Draft)
        else learning.load_head(shown.artifact)
    )
    return Scorer.of(head, shown.concepts, version.thresholds if version else {})


def score_new(project_id: int, image_ids: Sequence[int]) -> None:
    """Write the predictions of freshly indexed pictures; the predictions' lock is held.

    Their vectors are read back: what the database rounds is what teaching sees too.
    """
    scorer = current(project_id)
    if scorer is None:
        return
    Prediction.objects.filter(image__in=image_ids).delete()
    vectors = vector_selectors.of_project(project_id, scorer.known_by, only=image_ids)
    locks.hold_concepts(project_id)
    columns = scorer.living_columns(project_id)
    probabilities, present = _judge(scorer, vectors, columns)
    _write(vectors, columns, probabilities, present, probabilities >= 0)


def replace_all(project_id: int, scorer: Scorer, *, tolerance: float = 0.0) -> None:
    """Make a project's predictions those of a scorer; the predictions' lock is held.

    Args:
        project_id: whose.
        scorer: who says.
        tolerance: rows stay as they are where the verdict does and the probability moves by no
            more than this.
    """
    import numpy as np

    vectors = near.kept_near(project_id, scorer.known_by)
    locks.hold_concepts(project_id)
    columns = scorer.living_columns(project_id)
    probabilities, present = _judge(scorer, vectors, columns)
    known = _Known.read(project_id)
    rows, row_found = vector_selectors.find_in(known.image_ids, vectors.image_ids)
    positions, position_found = vector_selectors.find_in(
        known.concept_ids, np.array(list(columns), np.int64)
    )
    same = row_found & position_found
    cells = rows[same], positions[same]
    same[same] = (present[cells] == known.present[same]) & (
        np.abs(probabilities[cells] - known.probabilities[same]) <= tolerance + _ROUNDING
    )
    is_new = np.ones(probabilities.shape, bool)
    is_new[rows[same], positions[same]] = False
    _delete(known.ids[~same].tolist())
    _write(vectors, columns, probabilities, present, is_new)


@dataclass(frozen=True)
class _Known:
    """The predictions that are there already, column by column."""

    ids: np.ndarray
    image_ids: np.ndarray
    concept_ids: np.ndarray
    present: np.ndarray
    probabilities: np.ndarray

    @classmethod
    def read(cls, project_id: int) -> _Known:
        import numpy as np

        rows = wire.read(
            "SELECT prediction.id, image_id, concept_id, is_present, probability"
            " FROM webapp_prediction AS prediction JOIN webapp_concept AS concept"
            " ON concept.id = concept_id WHERE project_id = %s",
            [project_id],
            [("id", ">i8"), *_COLUMNS],
        )
        ids, image_ids, concept_ids = (
            rows[name].astype(np.int64) for name in ("id", "image_id", "concept_id")
        )
        return cls(ids, image_ids, concept_ids, rows["is_present"], rows["probability"])


def _judge(
    scorer: Scorer, vectors: Vectors, columns: dict[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and verdicts (N, living concepts)."""
    import numpy as np

    wanted = list(columns.values())
    probabilities = np.zeros((len(vectors.image_ids), len(wanted)), np.float32)
    present = np.zeros(probabilities.shape, bool)
    for rows, matrix in vectors.blocks():
        said = scorer.head.probabilities(matrix)
        probabilities[rows], present[rows] = said[:, wanted], scorer.head.present(said)[:, wanted]
    return probabilities, present


def _write(
    vectors: Vectors,
    columns: dict[int, int],
    probabilities: np.ndarray,
    present: np.ndarray,
    wanted: np.ndarray,
) -> None:
    import numpy as np

    rows, positions = np.nonzero(wanted)
    concept_ids = np.array(list(columns), np.int64)
    wire.write(
        "webapp_prediction",
        _COLUMNS,
        [
            vectors.image_ids[rows],
            concept_ids[positions],
            present[rows, positions],
            np.round(probabilities[rows, positions].astype(np.float64), 6),
        ],
    )


def _delete(prediction_ids: list[int]) -> None:
    if not prediction_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM webapp_prediction WHERE id = ANY(%s)", [prediction_ids])
