"""Finds what dead workers left, and removes what people erased."""

from celery import shared_task

from webapp.models import Job
from webapp.services import (
    importing,
    indexing,
    jobs,
    orphans,
    projects,
    quotas,
    recovery,
    sign_indexes,
    text_images,
    turns,
)
from webapp.tasks import index, transfer
from webapp.tasks.waking import do_next, woken


@shared_task
def sweep() -> None:
    jobs.mend_times()
    recovery.requeue_abandoned()
    jobs.wake_for_waiting()
    jobs.forget_finished()
    indexing.describe_more()
    importing.forget_unused()
    text_images.forget_old()
    quotas.add_up()
    if turns.is_due("orphans:swept", every=orphans.SWEEP_EVERY):
        transfer.sweep_storage.delay()
    if turns.is_due("sign indexes:tended", every=sign_indexes.TEND_EVERY):
        transfer.tend_sign_indexes.delay()
    if turns.is_due("outdated:looked for", every=indexing.LOOK_FOR_OUTDATED_EVERY):
        index.read_outdated.delay()


@woken
def erase() -> None:
    do_next(Job.Kind.ERASE, lambda job: projects.erase_now(project_id=job.project_pk))
