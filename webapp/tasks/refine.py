"""Tunes networks: work of minutes, on a queue and worker of its own."""

from webapp.models import Job
from webapp.services import jobs, refining
from webapp.tasks.waking import do_next, woken


@woken
def run() -> None:
    """Refine the next waiting project."""
    do_next(Job.Kind.REFINE, refining.refine, refuse=jobs.fail)
