"""Train: from the labels as they are to a new version and every picture's probability."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from webapp import events, learning
from webapp.errors import Invalid
from webapp.models import Image, Job, Label, Prediction, Project, User, Version
from webapp.selectors import vectors as vector_selectors
from webapp.services import jobs, locks, projects, scoring

if TYPE_CHECKING:
    import numpy as np

    from training.heads import FitResult


class StillReadingError(Exception):
    """Labelled pictures that were there when Train was pressed are still unread."""


@dataclass(frozen=True)
class Lesson:
    """What a version learns from: the labels of the indexed pictures, at one moment."""

    concepts: list[tuple[int, str]]
    image_ids: list[int]
    labels: np.ndarray
    """(images, concepts) int8: 1 positive, -1 negative, 0 not said."""
    revision: int


def start(*, project: Project, user: User) -> Job:
    """Want a version from the labels as they are; one that waits already serves both.

    Raises:
        Invalid: nothing is labelled yet.
    """
    positives = Label.objects.filter(image__project=project, is_positive=True)
    if not positives.exclude(image__status=Image.Status.FAILED).exists():
        raise Invalid(
            "Mark at least one picture with a concept first, so that there is something to learn.",
            code="nothing_to_learn",
        )
    with transaction.atomic():
        jobs.enqueue(
            kind=Job.Kind.TEACH, project_id=project.pk, subject_ids=[project.pk], user=user
        )
        return Job.objects.get(kind=Job.Kind.TEACH, subject_id=project.pk, state=Job.State.QUEUED)


def teach(job: Job) -> None:
    """Fit a head and make it the project's version.

    Raises:
        Invalid: there is nothing to learn from.
        StillReadingError: it is too early.
    """
    started = time.perf_counter()
    if _is_still_reading(job):
        raise StillReadingError
    project = Project.objects.get(pk=job.project_id)
    lesson = read_lesson(project)
    ids, vectors = vector_selectors.of_project(project.pk, learning.fingerprint())
    rows = {image_id: row for row, image_id in enumerate(ids)}
    result = learning.fit(
        vectors[[rows[image_id] for image_id in lesson.image_ids]],
        lesson.labels,
        concepts=[name for _, name in lesson.concepts],
        image_ids=lesson.image_ids,
        is_exclusive=project.exclusive,
    )
    artifact = _store(project, lesson, result)
    with transaction.atomic():
        locks.hold_predictions(project.pk, is_shared=False)
        version = _add_version(project, job, lesson, result, artifact)
        _score_all(version, result, ids, vectors)
        version.seconds = time.perf_counter() - started
        version.save(update_fields=["seconds"])
        Project.objects.filter(pk=project.pk).update(version=version)
        jobs.succeed([job], result={"version": version.number})
        events.publish_on_commit(project.pk, "version", number=version.number)
        events.publish_on_commit(project.pk, "job", id=job.pk, state=Job.State.SUCCEEDED)


def _is_still_reading(job: Job) -> bool:
    labelled = Image.objects.filter(project_id=job.project_id, labels__isnull=False)
    return labelled.filter(status=Image.Status.PENDING, created_at__lte=job.created_at).exists()


def read_lesson(project: Project) -> Lesson:
    """Read the labels of indexed pictures. Concepts without a positive example are left out.

    Raises:
        Invalid: no picture with a positive label could be read.
    """
    import numpy as np

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


def _store(project: Project, lesson: Lesson, result: FitResult) -> str:
    metadata: dict[str, object] = {
        "concepts": [{"id": concept_id, "name": name} for concept_id, name in lesson.concepts],
        "images": lesson.image_ids,
        "labels": lesson.labels.tolist(),
    }
    name = f"{projects.folder(project.pk)}/versions/{uuid.uuid4().hex}.safetensors"
    data = learning.dump_head(result.head, metadata)
    return default_storage.save(name, ContentFile(data))


def _add_version(
    project: Project, job: Job, lesson: Lesson, result: FitResult, artifact: str
) -> Version:
    newest = Version.objects.filter(project=project).aggregate(Max("number"))["number__max"] or 0
    return Version.objects.create(
        project=project,
        number=newest + 1,
        fingerprint=learning.fingerprint(),
        artifact=artifact,
        concepts=[
            {"id": concept_id, "name": name, "threshold": round(float(threshold), 6)}
            for (concept_id, name), threshold in zip(
                lesson.concepts, result.head.thresholds, strict=True
            )
        ],
        evaluation=result.evaluation.to_dict(),
        labels_revision=lesson.revision,
        seconds=0,
        created_by=job.created_by,
    )


def _score_all(version: Version, result: FitResult, ids: list[int], vectors: np.ndarray) -> None:
    """Replace all predictions, counting in what was indexed and leaving what was deleted."""
    Prediction.objects.filter(image__project_id=version.project_id).delete()
    now = set(vector_selectors.image_ids(version.project_id, version.fingerprint))
    kept = [row for row, image_id in enumerate(ids) if image_id in now]
    scoring.write(version, result.head, [ids[row] for row in kept], vectors[kept])
    if late := sorted(now - set(ids)):
        late_ids, late_vectors = vector_selectors.of_project(
            version.project_id, version.fingerprint, only=late
        )
        scoring.write(version, result.head, late_ids, late_vectors)
