"""Makes versions, and drafts between them."""

from webapp import memory
from webapp.models import Job
from webapp.services import caring, drafting, grouping, jobs, teaching
from webapp.tasks.waking import do_next, woken


@woken
def run() -> None:
    """Train the next waiting project, unless pictures it should learn from are still unread."""
    do_next(Job.Kind.TEACH, _teach, refuse=jobs.fail)


def _teach(job: Job) -> None:
    try:
        teaching.teach(job)
    except teaching.StillReadingError as early:
        jobs.release(job, done=early.done, total=early.total)


@woken
def draft() -> None:
    """Learn what was labelled since the version, without making one."""
    do_next(Job.Kind.DRAFT, drafting.draft)


@woken
def group() -> None:
    """Put near-duplicates of new pictures together."""
    do_next(Job.Kind.GROUP, grouping.group)


@woken
def care() -> None:
    """Look for examples that hurt, the last that follows from a training."""
    do_next(Job.Kind.CARE, caring.inspect)
    memory.give_back()
