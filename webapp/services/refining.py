"""Refine: tune the network itself in the background, and put what is better beside the rest."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from webapp import events, learning
from webapp.errors import Conflict, NotFound, PupilError
from webapp.models import Embedding, Image, Job, Project, User, Version, VersionEvent
from webapp.selectors import backbones
from webapp.selectors import vectors as vector_selectors
from webapp.services import embedding, jobs, lessons, projects, versions

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from training.refine import RefineResult

MAX_SECONDS = 1800.0
_STEPS = 1000
_TUNING_SHARE = 0.8  # of the whole; then the project's pictures are embedded anew
_SECONDS_BETWEEN_NEWS = 1.0


def start(*, project: Project, user: User) -> Job:
    """Want a refined version of what is labelled now; one that waits or runs serves both.

    Raises:
        Conflict: there is no version yet, or its backbone gives way to another.
    """
    if project.version_id is None:
        raise Conflict("Train this project first: it has no version yet.", code="not_trained")
    _check_settled(project)
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        going_on = _going_on(project).first()
        if going_on:
            return going_on
        jobs.enqueue_for_project(kind=Job.Kind.REFINE, project_id=project.pk, user=user)
        return _going_on(project).latest("id")


def _check_settled(project: Project) -> None:
    if backbones.in_use(project) != learning.fingerprint():
        raise Conflict(
            "Another network is reading these photos just now. Refine once it has read all.",
            code="backbone_changes",
        )


def cancel(*, project: Project) -> Job:
    """End refining that waits or runs.

    Raises:
        NotFound: there is none.
    """
    job = _going_on(project).first()
    if job is None:
        raise NotFound("Nothing is being refined.", code="job_not_found")
    return jobs.cancel(job)


def _going_on(project: Project) -> QuerySet[Job]:
    mine = Job.objects.filter(kind=Job.Kind.REFINE, subject_id=project.pk)
    return mine.filter(state__in=Job.GOING_ON)


def refine(job: Job) -> None:
    """Tune the network; where cross-validation says that it helped, make a version of it.

    Raises:
        PupilError: there is too little to learn from.
    """
    started = time.perf_counter()
    project = Project.objects.select_related("version").get(pk=job.project_pk)
    _check_settled(project)
    news = _News(job)
    lesson = lessons.read(project, fingerprint=learning.fingerprint())
    result = _tune(project, lesson, news)
    if result.stopped:
        if jobs.is_ours(job):
            raise PupilError("This took too long, and was ended.", code="took_too_long")
        return
    if not result.kept:
        jobs.succeed([job], result=_measured(result))
        events.publish_on_commit(project.pk, "job", id=job.pk, state=Job.State.SUCCEEDED)
        return
    _add_version(project, job, result, news, started)


def _tune(project: Project, lesson: lessons.Lesson, news: _News) -> RefineResult:
    import numpy as np

    vectors = vector_selectors.of_project(
        project.pk, learning.fingerprint(), only=lesson.learned.image_ids
    )
    # What shows nothing has nothing to be told apart by.
    rows = np.flatnonzero((lesson.learned.labels > 0).any(axis=1))
    image_ids = [lesson.learned.image_ids[row] for row in rows.tolist()]
    return learning.refine(
        _Pictures(image_ids),
        vectors.of(image_ids),
        lesson.learned.labels[rows],
        concepts=[name for _, name in lesson.concepts],
        groups=[lesson.learned.groups[row] for row in rows.tolist()],
        views=vector_selectors.views_of(image_ids, learning.fingerprint()),
        progress=lambda share: news.tell(_TUNING_SHARE * share),
        should_stop=news.should_stop,
        max_seconds=MAX_SECONDS,
    )


def _add_version(
    project: Project, job: Job, result: RefineResult, news: _News, started: float
) -> None:
    embedder = learning.refined_embedder(result.weights)
    try:
        _embed_all(project, embedder, news)
        if news.should_stop():
            raise jobs.LostClaimError
        _write_version(project, job, result, embedder.fingerprint, started)
    except BaseException:
        if not Version.objects.filter(fingerprint=embedder.fingerprint).exists():
            Embedding.objects.filter(project=project, fingerprint=embedder.fingerprint).delete()
        raise


def _embed_all(project: Project, embedder: Any, news: _News) -> None:
    ready = Image.objects.filter(project=project, status=Image.Status.READY).order_by("pk")
    image_ids = list(ready.values_list("pk", flat=True))

    def tell(share: float) -> None:
        if news.should_stop():
            raise jobs.LostClaimError
        news.tell(_TUNING_SHARE + (1 - _TUNING_SHARE) * share)

    embedding.embed(project.pk, image_ids, embedder, progress=tell)


def _write_version(
    project: Project, job: Job, result: RefineResult, fingerprint: str, started: float
) -> None:
    lesson = lessons.read(project, fingerprint=fingerprint)
    vectors = vector_selectors.of_project(project.pk, fingerprint, dimensions=learning.dimensions())
    fitted = lessons.fit(
        project, lesson, vectors, fingerprint=fingerprint, tuned_from=learning.fingerprint()
    )
    data = lessons.artifact(lesson, fitted, vectors, refined=result.weights)
    name = f"{projects.folder(project.pk)}/versions/{uuid.uuid4().hex}.safetensors"
    artifact = default_storage.save(name, ContentFile(data))
    parent = project.version.number if project.version else None
    with transaction.atomic():
        versions.hold(project.pk)  # teaching may be about to take the same number
        version = Version.objects.create(
            project=project,
            number=versions.next_number(project.pk),
            fingerprint=fingerprint,
            artifact=artifact,
            concepts=lessons.taught_concepts(lesson, fitted),
            evaluation=_measured_evaluation(fitted.evaluation.to_dict(), result),
            labels_revision=lesson.revision,
            seconds=time.perf_counter() - started,
            refinement={"from": parent, **_measured(result)},
            created_by=job.created_by,
        )
        versions.note_event(version, VersionEvent.Kind.MADE, job.created_by, **{"from": parent})
        jobs.succeed([job], result={"version": version.number, **_measured(result)})
        events.publish_on_commit(project.pk, "job", id=job.pk, state=Job.State.SUCCEEDED)


def _measured_evaluation(evaluation: dict[str, Any], result: RefineResult) -> dict[str, Any]:
    """Say of the network what was measured on pictures that it was not tuned on, and no more.

    Each picture left out in turn has still tuned the network: what it says of them proves nothing.
    """
    unknown = {"value": None, "low": None, "high": None}
    figures = dict.fromkeys(("precision", "recall", "f1", "average_precision"), unknown)
    return {
        **evaluation,
        "accuracy": {**unknown, "value": result.accuracy_after},
        "concepts": [concept | figures for concept in evaluation["concepts"]],
        "calibration_error": None,
        "wrong": [],
        "confusion": [],
    }


def _measured(result: RefineResult) -> dict[str, Any]:
    return {
        "kept": result.kept,
        "accuracy_before": result.accuracy_before,
        "accuracy_after": result.accuracy_after,
    }


class _News:
    """Tells a job's progress now and then, and hears whether it was cancelled."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._done = 0
        self._next = 0.0
        self._is_ours = True

    def tell(self, share: float) -> None:
        self._done = round(_STEPS * share)
        self._look()

    def should_stop(self) -> bool:
        self._look()
        return not self._is_ours

    def _look(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._is_ours = jobs.progress(self._job, done=self._done, total=_STEPS)
            self._next = now + _SECONDS_BETWEEN_NEWS


class _Pictures(Sequence["Picture"]):
    """Pictures that are decoded when they are asked for: all at once would fill the memory."""

    def __init__(self, image_ids: Sequence[int]) -> None:
        self._ids = image_ids
        self._images = Image.objects.in_bulk(list(image_ids))

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Picture]: ...

    def __getitem__(self, index: int | slice) -> Picture | Sequence[Picture]:
        if isinstance(index, slice):
            return _Pictures(self._ids[index])
        image = self._images.get(self._ids[index])
        picture = embedding.read(image) if image else None
        if picture is None:
            raise PupilError("A picture could not be read just now.", code="unreadable")
        return picture
