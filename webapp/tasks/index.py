"""Reads uploaded pictures."""

from celery import shared_task

from webapp.models import Job
from webapp.services import indexing, jobs, lanes, text_images, viewing
from webapp.tasks.waking import do_next, woken


@woken
def run() -> None:
    """Index waiting pictures for a while, then come back for more."""
    if lanes.work_off():
        jobs.wake_on_commit(Job.Kind.INDEX)


@woken
def look_closer() -> None:
    """Make views of labelled pictures while nothing else is to be done.

    Pictures that wait come first: where a message of any kind stands in this queue, none is sent
    for them.
    """
    run()
    do_next(Job.Kind.VIEW, viewing.look_closer)


@woken
def embed_for_texts() -> None:
    """Embed pictures for the text-image model while nothing else is to be done."""
    run()
    do_next(Job.Kind.TEXT_IMAGE, text_images.embed_missing, refuse=jobs.fail)


@shared_task(expires=indexing.LOOK_FOR_OUTDATED_EVERY.total_seconds())
def read_outdated() -> None:
    """Want read again what was indexed under another fingerprint, which only this worker knows."""
    indexing.read_outdated(is_first=False)
