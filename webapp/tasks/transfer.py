"""What comes and goes as a whole: it may take minutes, so it has a queue of its own."""

from celery import shared_task
from django.conf import settings

from webapp.models import Job
from webapp.services import exporting, importing, jobs, orphans, sign_indexes
from webapp.tasks.waking import do_next, woken


@woken
def export() -> None:
    do_next(Job.Kind.EXPORT, exporting.export, refuse=jobs.fail)


@woken
def take_in() -> None:
    do_next(Job.Kind.IMPORT, importing.take_in, refuse=importing.give_up)


@woken
def sweep_storage() -> None:
    orphans.sweep()
    jobs.lives.forget_dead(settings.PUPIL_HOME / "workers")


@shared_task(expires=sign_indexes.TEND_EVERY.total_seconds())
def tend_sign_indexes() -> None:
    """Make one index, and come back for the next: somebody may wait for an export."""
    if sign_indexes.tend():
        tend_sign_indexes.delay()
