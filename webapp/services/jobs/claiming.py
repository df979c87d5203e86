"""Claimed work: kept alive, finished once, given back when it breaks."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from webapp import events, logs, metrics, telemetry
from webapp.errors import PupilError
from webapp.models import Job
from webapp.services.jobs import lives, wanting

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
HEARTBEAT_SECONDS = 5
ABANDONED_AFTER_SECONDS = 20
RETRY_DELAY_SECONDS = 2
WAIT_SECONDS = 10
_AWAY_SECONDS = 0.5
_AHEAD = timedelta(minutes=1)  # nothing is put off, and no heart beats, further in the future


class LostClaimError(Exception):
    """Someone else took the job over: what was worked out must not be written."""


def claim(*, kind: Job.Kind, limit: int = 1, is_new: bool = False) -> list[Job]:
    """Take up to `limit` waiting jobs, new ones only if so asked. One that failed before is alone.

    A picture that kills its worker would else take its neighbours along, three times.
    """
    with transaction.atomic():
        waiting = wanting.due(Job.objects.filter(kind=kind)).select_for_update(skip_locked=True)
        if is_new:
            waiting = waiting.filter(attempts=0)
        jobs = list(waiting.order_by("attempts", "is_background", "id")[:limit])
        if not jobs:
            return []
        jobs = [job for job in jobs if job.attempts == 0] or jobs[:1]
        token = uuid.uuid4()
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
            state=Job.State.RUNNING,
            claim=token,
            claimed_in=lives.current(),
            attempts=F("attempts") + 1,
            started_at=Now(),
            heartbeat_at=Now(),
        )
    for job in jobs:
        job.state, job.claim, job.attempts = Job.State.RUNNING, token, job.attempts + 1
    return jobs


@contextmanager
def _kept_alive(jobs: Sequence[Job]) -> Iterator[None]:
    """Beat the claimed jobs' hearts while the body works, so that no sweeper takes them."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(list(jobs), stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def at_work(
    claimed: Sequence[Job], *, give_back: Callable[[Sequence[Job]], None]
) -> Iterator[None]:
    """Keep claimed jobs alive while the body works, and give them back if it breaks."""
    kind = claimed[0].kind
    ids = [job.pk for job in claimed]
    told = logs.about(job_kind=kind, jobs=ids)
    traced = telemetry.span(f"job {kind}", jobs=ids)
    with told, traced, metrics.WORK_SECONDS.labels(kind).time(), _kept_alive(claimed):
        try:
            yield
        except LostClaimError:
            logger.warning("%s was taken over by another worker", claimed)
        except Exception as error:
            logger.exception("%s broke", claimed)
            telemetry.fail(type(error).__name__)
            _given_back(claimed, give_back)


def _given_back(claimed: Sequence[Job], give_back: Callable[[Sequence[Job]], None]) -> None:
    """Give jobs back; a database that is away is waited for as long as they are ours."""
    until = time.monotonic() + ABANDONED_AFTER_SECONDS
    while True:
        try:
            return give_back(claimed)
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
        connection.close()
        time.sleep(_AWAY_SECONDS)


def _beat(jobs: list[Job], stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT_SECONDS):
        try:
            close_old_connections()
            _claimed(jobs).update(heartbeat_at=Now())
        except Exception:
            logger.exception("heartbeat missed")
    connection.close()


def succeed(jobs: Sequence[Job], *, result: dict[str, object] | None = None) -> None:
    """Close claimed jobs. Call it inside the transaction that writes what they worked out.

    Last, where that may take long: from here on their hearts can't beat, and the sweeper, who finds
    them silent, waits for the transaction.

    Raises:
        LostClaimError: one of them was taken over; roll back.
    """
    closed = _claimed(jobs).update(
        state=Job.State.SUCCEEDED, finished_at=Now(), done=F("total"), result=result or {}
    )
    if closed != len(jobs):
        raise LostClaimError
    for job in jobs:
        metrics.JOBS_DONE.labels(job.kind).inc()


def drop(job: Job) -> None:
    """Close a claimed job whose subject is gone."""
    _claimed([job]).delete()


def fail(job: Job, error: PupilError) -> bool:
    """Close a claimed job for good: trying again would end the same. Say whether it was ours."""
    closed = _claimed([job]).update(
        state=Job.State.FAILED,
        finished_at=Now(),
        error_code=error.code,
        error_message=error.message,
    )
    if closed:
        metrics.JOBS_FAILED.labels(job.kind, error.code).inc()
        telemetry.fail(error.code)
    events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.FAILED)
    return bool(closed)


def advance(job: Job, *, done: int, total: int) -> None:
    """Say how far a claimed job is.

    Raises:
        LostClaimError: it was taken over, or cancelled.
    """
    if not progress(job, done=done, total=total):
        raise LostClaimError


def release(
    job: Job,
    *,
    done: int,
    total: int,
    result: dict[str, object] | None = None,
    in_seconds: float = WAIT_SECONDS,
) -> None:
    """Give a claimed job back untried, to go on in a while.

    Args:
        job: that is claimed.
        done: how much of it is done, or of what it waits for is there.
        total: of how much.
        result: what whoever goes on with it should know.
        in_seconds: when it goes on.
    """
    _claimed([job]).update(
        state=Job.State.QUEUED,
        attempts=F("attempts") - 1,
        done=done,
        total=total,
        result=result or {},
        available_at=Now() + timedelta(seconds=in_seconds),
    )


def progress(job: Job, *, done: int, total: int) -> bool:
    """Say how far a claimed job is. Return whether it is still ours: it may be cancelled."""
    is_ours = _claimed([job]).update(done=done, total=total) == 1
    events.publish_on_commit(job.project_id, "job", id=job.pk, done=done, total=total)
    return is_ours


def is_ours(job: Job) -> bool:
    """Say whether a claimed job is neither cancelled nor taken over."""
    return _claimed([job]).exists()


def retry(jobs: Sequence[Job], *, code: str, message: str) -> list[Job]:
    """Put jobs that broke back into the queue; return those that were tried too often."""
    spent = []
    for job in jobs:
        if job.attempts < MAX_ATTEMPTS:
            delay = timedelta(seconds=RETRY_DELAY_SECONDS * job.attempts)
            _claimed([job]).update(state=Job.State.QUEUED, available_at=Now() + delay)
            wanting.wake_on_commit(Job.Kind(job.kind), in_seconds=delay.total_seconds())
        elif fail(job, PupilError(message, code=code)):
            spent.append(job)
    return spent


def abandoned() -> list[Job]:
    """Return running jobs whose worker has not been heard of for a while."""
    silent = Now() - timedelta(seconds=ABANDONED_AFTER_SECONDS)
    return list(Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=silent))


def claimed_in(life: uuid.UUID) -> list[Job]:
    """Return running jobs that a process claimed."""
    return list(Job.objects.filter(state=Job.State.RUNNING, claimed_in=life))


def mend_times() -> None:
    """Bring back what lies in the future since the clock was set back: it would wait for that."""
    ahead = Now() + _AHEAD
    unfinished = Job.objects.filter(finished_at=None)
    unfinished.filter(state=Job.State.QUEUED, available_at__gt=ahead).update(available_at=Now())
    unfinished.filter(state=Job.State.RUNNING, heartbeat_at__gt=ahead).update(heartbeat_at=Now())


def _claimed(jobs: Sequence[Job]) -> QuerySet[Job]:
    if not jobs:
        return Job.objects.none()
    mine = Q(pk__in=[job.pk for job in jobs], claim=jobs[0].claim)
    return Job.objects.filter(mine, state=Job.State.RUNNING)
