"""What broke or was left by a dead worker goes back into the queue, or is told to be lost."""

import logging
from collections.abc import Sequence

from webapp.models import Job
from webapp.services import indexing, jobs

logger = logging.getLogger(__name__)


def give_back(broken: Sequence[Job]) -> None:
    """Retry jobs; after three attempts they fail with the reason."""
    indexing.retry([job for job in broken if job.kind == Job.Kind.INDEX])
    jobs.retry(
        [job for job in broken if job.kind != Job.Kind.INDEX],
        code="worker_failed",
        message="This broke down three times. Please try again later.",
    )


def requeue_abandoned() -> None:
    """Give back the jobs of workers that fell silent."""
    abandoned = jobs.abandoned()
    if abandoned:
        logger.warning("left by a dead worker: %s", abandoned)
    give_back(abandoned)
