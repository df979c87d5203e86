"""Train: from the labels as they are to a new version and every picture's probability."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from webapp import events, learning
from webapp.errors import Invalid
from webapp.models import Draft, Embedding, Image, Job, Label, Project, User, Version, VersionEvent
from webapp.selectors import backbones, near
from webapp.services import jobs, lessons, locks, projects, scoring, versions
from webapp.services.scoring import Scorer

if TYPE_CHECKING:
    from training.heads import FitResult


class StillReadingError(Exception):
    """Labelled pictures that were there when Train was pressed are still unread."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"{done} of {total} labelled pictures are read")
        self.done, self.total = done, total


def start(*, project: Project, user: User) -> Job:
    """Want a version from the labels as they are; one that waits already serves both.

    Raises:
        Invalid: nothing is labelled yet.
    """
    if not can_learn(project.pk):
        raise Invalid(
            "Mark at least one picture with a concept first, so that there is something to learn.",
            code="nothing_to_learn",
        )
    mine = Job.objects.filter(kind=Job.Kind.TEACH, subject_id=project.pk)
    with transaction.atomic():
        waiting = mine.filter(state=Job.State.QUEUED).select_for_update().first()
        if waiting:
            return waiting
        jobs.enqueue_for_project(kind=Job.Kind.TEACH, project_id=project.pk, user=user)
        return mine.latest("id")


def can_learn(project_id: int) -> bool:
    """Say whether anything is marked from which a concept could be learned."""
    positives = Label.objects.filter(image__project=project_id, is_positive=True)
    return positives.exclude(image__status=Image.Status.FAILED).exists()


def teach(job: Job) -> None:
    """Fit a head and make it the project's version.

    Raises:
        Invalid: there is nothing to learn from.
        StillReadingError: it is too early.
    """
    started = time.perf_counter()
    project = Project.objects.select_related("version").get(pk=job.project_pk)
    known_by = backbones.to_learn_by(project)
    _check_all_read(job, known_by)
    lesson = lessons.read(project, fingerprint=known_by)
    vectors = near.kept_near(project.pk, known_by)
    result = lessons.fit(project, lesson, vectors, fingerprint=known_by)
    artifact = f"{projects.folder(project.pk)}/versions/{uuid.uuid4().hex}.safetensors"
    artifact = default_storage.save(
        artifact, ContentFile(lessons.artifact(lesson, result, vectors))
    )
    with transaction.atomic():
        locks.hold_predictions(project.pk, is_shared=False)
        version = _add_version(project, job, lesson, result, artifact)
        scorer = Scorer.of(result.head, version.concepts, version.thresholds)
        scoring.replace_all(project.pk, scorer)
        version.seconds = time.perf_counter() - started
        version.save(update_fields=["seconds"])
        Project.objects.filter(pk=project.pk).update(version=version)
        Draft.objects.filter(project=project, labels_revision__lte=lesson.revision).delete()
        jobs.succeed([job], result={"version": version.number})
        jobs.hasten(kind=Job.Kind.VIEW, project_id=project.pk)
        jobs.enqueue_for_project(kind=Job.Kind.CARE, project_id=project.pk, user=None)
        events.publish_on_commit(project.pk, "version", number=version.number)
        events.publish_on_commit(project.pk, "job", id=job.pk, state=Job.State.SUCCEEDED)


def _check_all_read(job: Job, known_by: str) -> None:
    # What seems to come from the future came before the clock was set back.
    came_before = Q(created_at__lte=job.created_at) | Q(created_at__gt=Now())
    labelled = Image.objects.filter(
        came_before, project_id=job.project_pk, labels__isnull=False
    ).distinct()
    unread = labelled.filter(status=Image.Status.PENDING).count() + _read_anew(labelled, known_by)
    if unread:
        total = labelled.count()
        raise StillReadingError(total - unread, total)


def _read_anew(labelled: QuerySet[Image], known_by: str) -> int:
    """Count the pictures that wait for their first vectors known by a fingerprint."""
    known = Embedding.objects.filter(image=OuterRef("pk"), fingerprint=known_by)
    unknown = labelled.filter(~Exists(known), status=Image.Status.READY).values_list(
        "pk", flat=True
    )
    reading = Job.objects.filter(
        kind=Job.Kind.INDEX,
        subject_id__in=list(unknown),
        state__in=Job.GOING_ON,
    )
    return reading.count()


def _add_version(
    project: Project, job: Job, lesson: lessons.Lesson, result: FitResult, artifact: str
) -> Version:
    version = Version.objects.create(
        project=project,
        number=versions.next_number(project.pk),
        fingerprint=result.head.fingerprint,
        artifact=artifact,
        concepts=lessons.taught_concepts(lesson, result),
        evaluation=result.evaluation.to_dict(),
        labels_revision=lesson.revision,
        seconds=0,
        thresholds=_carried_over(project, lesson),
        created_by=job.created_by,
    )
    before = project.version
    is_changed = before is not None and before.fingerprint != version.fingerprint
    details = {"backbone": learning.backbone()} if is_changed else {}
    versions.note_event(version, VersionEvent.Kind.MADE, job.created_by, **details)
    return version


def _carried_over(project: Project, lesson: lessons.Lesson) -> dict[str, float]:
    """Return what people chose for the version before: probabilities mean the same in both."""
    before = Project.objects.select_related("version").get(pk=project.pk).version
    known = {str(concept_id) for concept_id, _ in lesson.concepts}
    chosen = before.thresholds if before else {}
    return {concept: threshold for concept, threshold in chosen.items() if concept in known}
