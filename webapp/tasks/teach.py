"""Makes versions, and drafts between them."""

from celery import shared_task

from webapp.errors import PupilError
from webapp.models import Job
from webapp.services import caring, drafting, grouping, jobs, recovery, teaching


@shared_task
def run() -> None:
    """Train the next waiting project, unless pictures it should learn from are still unread."""
    for job in jobs.claim(kind=Job.Kind.TEACH):
        with jobs.at_work([job], give_back=recovery.give_back):
            try:
                teaching.teach(job)
            except teaching.StillReadingError as early:
                jobs.release(job, done=early.done, total=early.total)
            except PupilError as error:
                jobs.fail(job, error)
        jobs.wake_on_commit(Job.Kind.TEACH)


@shared_task
def draft() -> None:
    """Learn what was labelled since the version, without making one."""
    for job in jobs.claim(kind=Job.Kind.DRAFT):
        with jobs.at_work([job], give_back=recovery.give_back):
            drafting.draft(job)
        jobs.wake_on_commit(Job.Kind.DRAFT)


@shared_task
def group() -> None:
    """Put near-duplicates of new pictures together."""
    for job in jobs.claim(kind=Job.Kind.GROUP):
        with jobs.at_work([job], give_back=recovery.give_back):
            grouping.group(job)
        jobs.wake_on_commit(Job.Kind.GROUP)


@shared_task
def care() -> None:
    """Look for examples that hurt."""
    for job in jobs.claim(kind=Job.Kind.CARE):
        with jobs.at_work([job], give_back=recovery.give_back):
            caring.inspect(job)
        jobs.wake_on_commit(Job.Kind.CARE)
