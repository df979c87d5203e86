"""Closer views of labelled pictures, from which heads learn too; nobody waits for them.

They are made by the index worker while nothing else waits: neither pictures nor labels.
"""

from __future__ import annotations

import logging
import time

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from webapp import events, learning
from webapp.errors import PupilError
from webapp.models import Draft, Image, Job, Views
from webapp.services import jobs

logger = logging.getLogger(__name__)

_BATCH = 2
# After so long the worker looks at its messages again.
_SHIFT_SECONDS = 4.0
_FIRST = [Job.Kind.INDEX, Job.Kind.TEACH, Job.Kind.DRAFT]


def want(project_id: int) -> None:
    """Want views of a project's labelled pictures made when there is time."""
    jobs.enqueue(
        kind=Job.Kind.VIEW,
        project_id=project_id,
        subject_ids=[project_id],
        user=None,
        is_background=True,
    )


def look_closer(job: Job) -> None:
    """Make the views that are missing, and stand back as soon as somebody waits for other work."""
    missing = _missing(job.project_id)
    learning.embedder()  # loading it is no part of the shift
    until = time.monotonic() + _SHIFT_SECONDS
    for start in range(0, len(missing), _BATCH):
        if time.monotonic() > until or _others_wait():
            jobs.release(job, done=start, total=len(missing))
            return
        _write(missing[start : start + _BATCH])
    with transaction.atomic():
        jobs.succeed([job])
        events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.SUCCEEDED)
        # What the page shows was learned without them.
        if missing and Draft.objects.filter(project=job.project_id).exists():
            jobs.enqueue(
                kind=Job.Kind.DRAFT,
                project_id=job.project_id,
                subject_ids=[job.project_id],
                user=None,
            )


def _missing(project_id: int) -> list[Image]:
    """Return labelled pictures without views; none where there are too many to learn them of."""
    labelled = (
        Image.objects.filter(
            project=project_id,
            project__erased_at=None,
            labels__isnull=False,
            is_test=False,
            status=Image.Status.READY,
        )
        .distinct()
        .order_by("pk")
    )
    if labelled.count() > learning.most_viewed():
        return []
    return list(labelled.exclude(views__fingerprint=learning.fingerprint()))


def _others_wait() -> bool:
    going_on = [Job.State.QUEUED, Job.State.RUNNING]
    return Job.objects.filter(kind__in=_FIRST, state__in=going_on).exists()


def _write(images: list[Image]) -> None:
    pictures = {}
    for image in images:
        try:
            with default_storage.open(image.original) as file:
                pictures[image.pk] = learning.decode(file, min_side=learning.views_min_side())
        except (OSError, PupilError) as error:
            logger.warning("picture %s has no views: %s", image.pk, error)
    for image_id, vectors in learning.embed_views(pictures).items():
        views = Views(
            image_id=image_id,
            fingerprint=learning.fingerprint(),
            vectors=vectors.astype("<f2").tobytes(),
        )
        try:
            with transaction.atomic():
                Views.objects.bulk_create([views], ignore_conflicts=True)
        except IntegrityError:
            logger.warning("picture %s is gone", image_id)
