"""Tunes networks: work of minutes, on a queue and worker of its own."""

from celery import shared_task

from webapp.errors import PupilError
from webapp.models import Job
from webapp.services import jobs, recovery, refining


@shared_task
def run() -> None:
    """Refine the next waiting project."""
    for job in jobs.claim(kind=Job.Kind.REFINE):
        with jobs.at_work([job], give_back=recovery.give_back):
            try:
                refining.refine(job)
            except PupilError as error:
                jobs.fail(job, error)
        jobs.wake_on_commit(Job.Kind.REFINE)
