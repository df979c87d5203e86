"""Reads uploaded pictures."""

from celery import shared_task

from webapp.models import Job
from webapp.services import jobs, lanes, recovery, viewing


@shared_task
def run() -> None:
    """Index waiting pictures for a while, then come back for more."""
    if lanes.work_off():
        jobs.wake_on_commit(Job.Kind.INDEX)


@shared_task
def look_closer() -> None:
    """Make views of labelled pictures while nothing else is to be done.

    Pictures that wait come first: where a message of any kind stands in this queue, none is sent
    for them.
    """
    run()
    for job in jobs.claim(kind=Job.Kind.VIEW):
        with jobs.at_work([job], give_back=recovery.give_back):
            viewing.look_closer(job)
        jobs.wake_on_commit(Job.Kind.VIEW)
