"""Reads uploaded pictures."""

from celery import shared_task

from webapp.models import Job
from webapp.services import indexing, jobs, recovery

BATCH_SIZE = 16


@shared_task
def run() -> None:
    """Index one batch of waiting pictures, then come back for the next."""
    claimed = jobs.claim(kind=Job.Kind.INDEX, limit=BATCH_SIZE)
    if not claimed:
        return
    with jobs.at_work(claimed, give_back=recovery.give_back):
        indexing.index(claimed)
    jobs.wake_on_commit(Job.Kind.INDEX)
