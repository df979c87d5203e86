"""What comes and goes as a whole: it may take minutes, so it has a queue of its own."""

from celery import shared_task

from webapp.errors import PupilError
from webapp.models import Job
from webapp.services import exporting, importing, jobs, recovery


@shared_task
def export() -> None:
    for job in jobs.claim(kind=Job.Kind.EXPORT):
        with jobs.at_work([job], give_back=recovery.give_back):
            try:
                exporting.export(job)
            except PupilError as error:
                jobs.fail(job, error)
        jobs.wake_on_commit(Job.Kind.EXPORT)


@shared_task
def take_in() -> None:
    for job in jobs.claim(kind=Job.Kind.IMPORT):
        with jobs.at_work([job], give_back=recovery.give_back):
            try:
                importing.take_in(job)
            except PupilError as error:
                importing.give_up(job, error)
        jobs.wake_on_commit(Job.Kind.IMPORT)
