"""Tasks that wake workers: each does what waits; where the database is away it comes again."""

from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError

from webapp.errors import PupilError
from webapp.models import Job
from webapp.services import jobs, recovery

_AWAY_SECONDS = 1
_MOST_TIMES = 60  # later the sweeper wakes them


def woken(function: Callable[[], None]) -> Any:
    """Make a function a task that waits for the database."""
    return shared_task(
        autoretry_for=(OperationalError, InterfaceError),
        default_retry_delay=_AWAY_SECONDS,
        max_retries=_MOST_TIMES,
    )(function)


def do_next(
    kind: Job.Kind,
    work: Callable[[Job], None],
    *,
    refuse: Callable[[Job, PupilError], object] | None = None,
) -> None:
    """Do the job of a kind that waits longest, if there is one, and have somebody woken for more.

    Args:
        kind: of work.
        work: does it.
        refuse: closes a job that can't be done; without it, it is tried again.
    """
    for job in jobs.claim(kind=kind):
        with jobs.at_work([job], give_back=recovery.give_back):
            try:
                work(job)
            except PupilError as error:
                if refuse is None:
                    raise
                refuse(job, error)
        jobs.wake_on_commit(kind)
