"""What broke or was left by a dead worker goes back into the queue, or is told to be lost."""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from webapp import events
from webapp.errors import NotFound
from webapp.models import Image, Job
from webapp.services import importing, indexing, jobs

logger = logging.getLogger(__name__)


def give_back(broken: Sequence[Job]) -> None:
    """Retry jobs; after three attempts they fail with the reason."""
    indexing.retry([job for job in broken if job.kind == Job.Kind.INDEX])
    spent = jobs.retry(
        [job for job in broken if job.kind != Job.Kind.INDEX],
        code="worker_failed",
        message="This broke down three times. Please try again later.",
    )
    for job in spent:
        if job.kind == Job.Kind.IMPORT:
            importing.clear_up(job)


def requeue_abandoned() -> None:
    """Give back the jobs of workers that fell silent."""
    abandoned = jobs.abandoned()
    if abandoned:
        logger.warning("left by a dead worker: %s", abandoned)
    give_back(abandoned)


def requeue_left_by(life: UUID) -> None:
    """Give back what a process had claimed that is dead for sure."""
    left = jobs.claimed_in(life)
    if left:
        logger.warning("left by the worker before: %s", left)
    give_back(left)


@transaction.atomic
def try_again(*, job_id: int) -> None:
    """Put a job that failed for good back into the queue, as if it had never been tried.

    Raises:
        NotFound: there is none that failed.
    """
    failed = Job.objects.filter(pk=job_id, state=Job.State.FAILED, project__erased_at=None)
    job = failed.select_for_update(of=("self",)).first()
    if job is None:
        raise NotFound("There is no such job that failed.", code="job_not_found")
    if job.kind == Job.Kind.INDEX:
        Image.objects.filter(pk=job.subject_id, status=Image.Status.FAILED).update(
            status=Image.Status.PENDING, error_code="", error_message=""
        )
        events.publish_on_commit(job.project_id, "images", ids=[job.subject_id])
    jobs.requeue(job)
