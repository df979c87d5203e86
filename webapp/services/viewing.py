"""Closer views of labelled pictures, from which heads learn too; nobody waits for them.

They are made by the index worker while nothing else waits: neither pictures nor labels.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from webapp import events, learning
from webapp.errors import PupilError
from webapp.models import Image, Job, Project, Views
from webapp.services import jobs, shifts

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)

_BATCH_A_STREAM = 2
_FIRST = [Job.Kind.INDEX, Job.Kind.TEACH, Job.Kind.DRAFT]


def want(project_id: int) -> None:
    """Want views of a project's labelled pictures made when there is time."""
    jobs.enqueue_for_project(
        kind=Job.Kind.VIEW, project_id=project_id, user=None, is_background=True
    )


def look_closer(job: Job) -> None:
    """Make the views that are missing, and stand back as soon as somebody waits for other work."""
    missing = _missing(job.project_pk)
    learning.embedder()  # loading it is no part of the shift
    with ThreadPoolExecutor(settings.LEARNING_STREAMS, thread_name_prefix="views") as pool:
        batch = _BATCH_A_STREAM * settings.LEARNING_STREAMS
        write = partial(_write, pool)
        if not shifts.work_through(job, missing, write, batch=batch, after=_FIRST):
            return
    with transaction.atomic():
        jobs.succeed([job])
        events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.SUCCEEDED)
        # What the page shows was learned without them.
        if missing and Project.objects.filter(pk=job.project_pk, version__isnull=False).exists():
            jobs.enqueue_for_project(kind=Job.Kind.DRAFT, project_id=job.project_pk, user=None)


def _missing(project_id: int) -> list[int]:
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
    missing = labelled.exclude(views__fingerprint=learning.fingerprint())
    return list(missing.values_list("pk", flat=True))


def _write(pool: Executor, image_ids: Sequence[int]) -> None:
    """Make views side by side, in threads that don't ask the database, and keep them."""
    images = list(Image.objects.filter(pk__in=image_ids))
    for image, vectors in zip(images, pool.map(_views_of, images), strict=True):
        if vectors is None:
            continue
        views = Views(
            image=image,
            fingerprint=learning.fingerprint(),
            vectors=vectors.astype("<f2").tobytes(),
        )
        try:
            with transaction.atomic():
                Views.objects.bulk_create([views], ignore_conflicts=True)
        except IntegrityError:
            logger.warning("picture %s is gone", image.pk)


def _views_of(image: Image) -> np.ndarray | None:
    try:
        with default_storage.open(image.original) as file:
            picture = learning.decode(file, min_side=learning.views_min_side())
    except (OSError, PupilError) as error:
        logger.warning("picture %s has no views: %s", image.pk, error)
        return None
    return learning.embed_views({image.pk: picture})[image.pk]
