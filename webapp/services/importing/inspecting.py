"""The dry run: a worker looks a data set through and says what taking it in would do."""

from __future__ import annotations

import time

from django.core.files.storage import default_storage
from django.db import transaction

from webapp import events
from webapp.errors import PupilError
from webapp.models import Import, Job
from webapp.services import jobs
from webapp.services.importing import report
from webapp.services.importing.arriving import opened

_TELL_EVERY_SECONDS = 0.5


def inspect(job: Job) -> None:
    """Look through what somebody sent; of it nothing comes in yet.

    Raises:
        Invalid: it can't be used.
        LostClaimError: it was cancelled.
    """
    received = Import.objects.filter(pk=job.subject_id).first()
    if received is None:
        jobs.drop(job)
        return
    with opened(received.file) as source:
        told = report.of(source, job.project, tell=_Teller(job))
    with transaction.atomic():
        jobs.succeed([job])
        Import.objects.filter(pk=received.pk).update(format=told["format"], report=told)
        events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.SUCCEEDED)


def refuse(job: Job, error: PupilError) -> None:
    """Close the look through what can't be used; the file is not kept, the reason is."""
    received = Import.objects.filter(pk=job.subject_id).first()
    if jobs.fail(job, error) and received is not None:
        default_storage.delete(received.file)


class _Teller:
    """Says now and then how far a job is, and finds out whether it is still wanted."""

    def __init__(self, job: Job) -> None:
        self._job, self._told_at = job, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._told_at < _TELL_EVERY_SECONDS:
            return
        self._told_at = time.monotonic()
        jobs.advance(self._job, done=min(done, total), total=max(1, total))
