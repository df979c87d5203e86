"""Work that is wanted, until a worker claims it; and what people ask of it meanwhile."""

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta

import redis
from celery.exceptions import CeleryError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from kombu.exceptions import KombuError

from webapp import events
from webapp.celery import app
from webapp.errors import NotFound
from webapp.models import Job, User

logger = logging.getLogger(__name__)

KEEP_FINISHED = timedelta(days=1)
KEEP_FAILED = timedelta(days=30)  # so long somebody may look why, or try again
_FORGOTTEN_AT_ONCE = 5000  # Django reads what it deletes: imports refer to jobs

_INDEX_QUEUE = "index"
_TASKS = {
    Job.Kind.INDEX: "webapp.tasks.index.run",
    Job.Kind.TEACH: "webapp.tasks.teach.run",
    Job.Kind.DRAFT: "webapp.tasks.teach.draft",
    Job.Kind.REFINE: "webapp.tasks.refine.run",
    Job.Kind.EXPORT: "webapp.tasks.transfer.export",
    Job.Kind.INSPECT: "webapp.tasks.inspect.run",
    Job.Kind.IMPORT: "webapp.tasks.transfer.take_in",
    Job.Kind.GROUP: "webapp.tasks.teach.group",
    Job.Kind.CARE: "webapp.tasks.teach.care",
    Job.Kind.VIEW: "webapp.tasks.index.look_closer",
    Job.Kind.TEXT_IMAGE: "webapp.tasks.index.embed_for_texts",
    Job.Kind.ERASE: "webapp.tasks.housekeeping.erase",
}


def enqueue(
    *,
    kind: Job.Kind,
    project_id: int | None,
    subject_ids: Sequence[int],
    user: User | None,
    is_background: bool = False,
) -> None:
    """Want work done, one job a subject; one that waits already is not doubled.

    Args:
        kind: of work.
        project_id: whose; none where there is no project yet.
        subject_ids: what to work on.
        user: who wants it.
        is_background: nobody waits for it; it goes behind all that somebody waits for.
    """
    Job.objects.bulk_create(
        [
            Job(
                kind=kind,
                project_id=project_id,
                subject_id=subject_id,
                created_by=user,
                is_background=is_background,
            )
            for subject_id in subject_ids
        ],
        ignore_conflicts=True,
    )
    wake_on_commit(kind)
    events.publish_on_commit(project_id, "job", job_kind=kind)


def enqueue_for_project(
    *, kind: Job.Kind, project_id: int, user: User | None, is_background: bool = False
) -> None:
    """Want work done whose subject is a project as a whole."""
    enqueue(
        kind=kind,
        project_id=project_id,
        subject_ids=[project_id],
        user=user,
        is_background=is_background,
    )


@transaction.atomic
def want(*, kind: Job.Kind, project_id: int | None, subject_id: int, user: User) -> Job:
    """Want one piece of work done, and return its job."""
    enqueue(kind=kind, project_id=project_id, subject_ids=[subject_id], user=user)
    return Job.objects.filter(kind=kind, subject_id=subject_id).latest("id")


def want_within(*, kind: Job.Kind, project_id: int, seconds: float) -> None:
    """Want a project's work done in so many seconds: what comes until then is done with it.

    What waits for later already is brought forward, and what waits for sooner is left alone.
    """
    due_at = Now() + timedelta(seconds=seconds)
    waiting = Job.objects.filter(
        kind=kind, subject_id=project_id, state=Job.State.QUEUED, claim=None
    )
    if waiting.filter(available_at__lte=due_at).exists():
        return
    if not waiting.update(available_at=due_at):
        job = Job(kind=kind, project_id=project_id, subject_id=project_id, available_at=due_at)
        Job.objects.bulk_create([job], ignore_conflicts=True)
    wake_on_commit(kind, in_seconds=seconds)


def wake_on_commit(kind: Job.Kind, *, in_seconds: float = 0.0) -> None:
    transaction.on_commit(lambda: _wake(kind, in_seconds=in_seconds))


def _wake(kind: Job.Kind, *, in_seconds: float = 0.0) -> None:
    try:
        # A message that nobody took yet will find this work too: it is committed. One for each of
        # a pile of pictures would cost more than storing their rows.
        if kind == Job.Kind.INDEX and not in_seconds and events.client().llen(_INDEX_QUEUE):
            return
        app.send_task(_TASKS[kind], ignore_result=True, countdown=in_seconds or None)
    except (KombuError, CeleryError, redis.RedisError, OSError) as error:
        logger.warning("no worker woken for %s, the sweeper will: %s", kind, error)


def due(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Return those of the jobs that may be claimed now."""
    return jobs.filter(state=Job.State.QUEUED, available_at__lte=Now())


def cancel(job: Job) -> Job:
    """End a job that waits or runs. Who works on it finds that it is no longer theirs."""
    going_on = Job.objects.filter(pk=job.pk, state__in=Job.GOING_ON)
    going_on.update(state=Job.State.CANCELLED, finished_at=Now())
    events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.CANCELLED)
    job.refresh_from_db()
    return job


def hasten(*, kind: Job.Kind, project_id: int) -> None:
    """Wake a project's waiting job: what it was released for may be there now."""
    waiting = Job.objects.filter(project_id=project_id, kind=kind, state=Job.State.QUEUED)
    if waiting.update(available_at=Now()):
        wake_on_commit(kind)


def requeue(job: Job) -> None:
    """Put a job that failed back into the queue. It keeps its claim, beside a new one like it."""
    Job.objects.filter(pk=job.pk, state=Job.State.FAILED).update(
        state=Job.State.QUEUED,
        claim=uuid.uuid4(),
        attempts=0,
        done=0,
        result={},
        available_at=Now(),
        finished_at=None,
        error_code="",
        error_message="",
    )
    wake_on_commit(Job.Kind(job.kind))
    events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.QUEUED)


def wake_for_waiting() -> None:
    """Wake a worker for every kind that has work waiting: messages can be lost, rows not."""
    kinds = due(Job.objects.all()).values_list("kind", flat=True).distinct().order_by()
    for kind in kinds:
        _wake(Job.Kind(kind))


def forget_finished() -> None:
    """Forget jobs that ended well a day ago, and those that failed once nobody asks any more."""
    for states, kept in (
        ([Job.State.SUCCEEDED, Job.State.CANCELLED], KEEP_FINISHED),
        ([Job.State.FAILED], KEEP_FAILED),
    ):
        old = Job.objects.filter(state__in=states, finished_at__lt=Now() - kept)
        Job.objects.filter(pk__in=old.values("pk")[:_FORGOTTEN_AT_ONCE]).delete()


def wait(job: Job, *, timeout_seconds: float) -> Job:
    """Return the job when it has ended, or as it is when the time is up.

    Raises:
        NotFound: it went with its project.
    """
    for _ in events.listen(job.project_id, timeout_seconds=timeout_seconds):
        try:
            job.refresh_from_db()
        except Job.DoesNotExist as error:
            raise NotFound("This project was deleted.", code="project_not_found") from error
        if job.state not in Job.GOING_ON:
            break
    return job
