"""Finds what dead workers left, and removes what people erased."""

from celery import shared_task

from webapp.models import Job
from webapp.services import importing, indexing, jobs, projects, recovery


@shared_task
def sweep() -> None:
    jobs.mend_times()
    recovery.requeue_abandoned()
    jobs.wake_for_waiting()
    jobs.forget_finished()
    indexing.describe_more()
    importing.forget_unused()


@shared_task
def erase() -> None:
    for job in jobs.claim(kind=Job.Kind.ERASE):
        with jobs.at_work([job], give_back=recovery.give_back):
            projects.erase_now(project_id=job.project_id)
        jobs.wake_on_commit(Job.Kind.ERASE)
