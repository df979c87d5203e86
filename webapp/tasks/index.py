"""Reads uploaded pictures."""

from celery import shared_task

from webapp.models import Job
from webapp.services import jobs, lanes


@shared_task
def run() -> None:
    """Index waiting pictures for a while, then come back for more."""
    if lanes.work_off():
        jobs.wake_on_commit(Job.Kind.INDEX)
