"""What a head learns from, and the fit itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp import learning
from webapp.errors import Invalid
from webapp.models import Label, Project
from webapp.models.learning import TaughtConcept
from webapp.selectors.vectors import Vectors

if TYPE_CHECKING:
    import numpy as np

    from training.heads import FitResult


@dataclass(frozen=True)
class Lesson:
    """The labels of the indexed pictures, at one moment.

    Attributes:
        concepts: id and name of each concept that has a positive example.
        image_ids: of the labelled pictures.
        labels: (images, concepts) int8: 1 positive, -1 negative, 0 not said.
        revision: the project's when they were read.
    """

    concepts: list[tuple[int, str]]
    image_ids: list[int]
    labels: np.ndarray
    revision: int


def read(project: Project) -> Lesson:
    """Read the labels of indexed pictures. Concepts without a positive example are left out.

    Raises:
        Invalid: no picture with a positive label could be read.
    """
    import numpy as np

    # Before the labels: one that is set in between then counts as not learned yet.
    revision = Project.objects.values_list("labels_revision", flat=True).get(pk=project.pk)
    labels = list(
        Label.objects.filter(
            image__project=project, image__embeddings__fingerprint=learning.fingerprint()
        ).values_list("image_id", "concept_id", "concept__name", "is_positive")
    )
    concepts = sorted({(concept_id, name) for _, concept_id, name, positive in labels if positive})
    if not concepts:
        raise Invalid(
            "None of the pictures you marked could be read, so there is nothing to learn from.",
            code="nothing_to_learn",
        )
    columns = {concept_id: column for column, (concept_id, _) in enumerate(concepts)}
    labels = [label for label in labels if label[1] in columns]
    image_ids = sorted({label[0] for label in labels})
    rows = {image_id: row for row, image_id in enumerate(image_ids)}
    matrix = np.zeros((len(rows), len(columns)), np.int8)
    for image_id, concept_id, _, is_positive in labels:
        matrix[rows[image_id], columns[concept_id]] = 1 if is_positive else -1
    return Lesson(concepts, image_ids, matrix, revision)


def fit(project: Project, lesson: Lesson, vectors: Vectors) -> FitResult:
    """Fit a head on a lesson."""
    return learning.fit(
        vectors.matrix[vectors.rows_of(lesson.image_ids)],
        lesson.labels,
        concepts=[name for _, name in lesson.concepts],
        image_ids=lesson.image_ids,
        is_exclusive=project.exclusive,
    )


def taught_concepts(lesson: Lesson, result: FitResult) -> list[TaughtConcept]:
    """Return what rows keep of the head's outputs, in their order."""
    return [
        {"id": concept_id, "name": name, "threshold": round(float(threshold), 6)}
        for (concept_id, name), threshold in zip(
            lesson.concepts, result.head.thresholds, strict=True
        )
    ]


def artifact(lesson: Lesson, result: FitResult) -> bytes:
    """Return the head with the exact labels it learned from."""
    metadata: dict[str, object] = {
        "concepts": [{"id": concept_id, "name": name} for concept_id, name in lesson.concepts],
        "images": lesson.image_ids,
        "labels": lesson.labels.tolist(),
    }
    return learning.dump_head(result.head, metadata)
