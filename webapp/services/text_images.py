"""Vectors of a text-image model, beside those that learning needs; and of the texts looked for.

Pictures are embedded by the index worker while nobody waits for it, texts by the serve worker when
somebody looks for them. A text is kept, so that it is read once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from redis import RedisError

from webapp import events
from webapp.errors import Busy, PupilError
from webapp.learning import text_images
from webapp.models import Embedding, Image, Job, TextDirection
from webapp.selectors import searching
from webapp.services import asking, embedding, jobs, shifts
from webapp.services.writing import padded

logger = logging.getLogger(__name__)

KEEP_TEXTS = timedelta(days=90)
MAX_TEXT_CHARACTERS = 300
# Whoever waits holds one of the web server's threads; reading a text takes a tenth of a second.
_PATIENCE_SECONDS = 3
# How long nobody asks again where nobody answered.
_AWAY_SECONDS = 15
_AWAY = "text-images:away"
_BATCH = 4
_FIRST = [Job.Kind.INDEX, Job.Kind.TEACH, Job.Kind.DRAFT, Job.Kind.VIEW]


def want(project_id: int) -> None:
    """Want a project's new pictures embedded when there is time."""
    if text_images.is_on():
        jobs.enqueue_for_project(
            kind=Job.Kind.TEXT_IMAGE, project_id=project_id, user=None, is_background=True
        )


def want_missing() -> None:
    """Want every picture embedded that has no vector of the model in use: it may be a new one."""
    if not text_images.is_on():
        return
    try:
        projects = _missing().order_by().values_list("project_id", flat=True).distinct()
        for project_id in list(projects):
            want(project_id)
    except PupilError as error:
        logger.error("free text finds tags only: %s", error.message)


def warm_up() -> None:
    """Load the model, where there is one, before somebody waits for it."""
    try:
        if text_images.is_on():
            text_images.model()
    except PupilError as error:
        logger.error("free text finds tags only: %s", error.message)


def embed_missing(job: Job) -> None:
    """Embed what is missing, and stand back as soon as somebody waits for other work.

    Raises:
        PupilError: the model can't be used.
    """
    model = text_images.model()  # loading it is no part of the shift
    missing = list(
        _missing().filter(project=job.project_pk).order_by("pk").values_list("pk", flat=True)
    )

    def embed(image_ids: Sequence[int]) -> None:
        embedding.embed(job.project_pk, image_ids, model)

    if not shifts.work_through(job, missing, embed, batch=_BATCH, after=_FIRST):
        return
    with transaction.atomic():
        jobs.succeed([job])
        events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.SUCCEEDED)


def _missing() -> QuerySet[Image]:
    there = Embedding.objects.filter(image=OuterRef("pk"), fingerprint=text_images.fingerprint())
    return Image.objects.filter(~Exists(there), status=Image.Status.READY, project__erased_at=None)


def prepare(query: str) -> bool:
    """Have texts of a query read that nobody looked for before.

    Returns:
        Whether they are; where not, what is written and tagged must do.

    Raises:
        BadQuery: it can't be understood.
    """
    if not query or not text_images.is_on():
        return True
    texts = list(searching.sentences(searching.parse(query).nodes))
    try:
        known = TextDirection.objects.filter(
            fingerprint=text_images.fingerprint(), text__in=texts
        ).values_list("text", flat=True)
        new = [text for text in set(texts).difference(known) if len(text) <= MAX_TEXT_CHARACTERS]
        if new:
            _have_read(new)
    except PupilError as error:
        logger.warning("free text finds tags only: %s", error.message)
        return False
    return True


def _have_read(texts: Sequence[str]) -> None:
    """Ask the serve worker, unless it did not answer a moment ago.

    Raises:
        Busy: it does not answer.
        PupilError: the model can't be used.
    """
    with suppress(RedisError):
        if cache.get(_AWAY):
            raise asking.busy()
    try:
        asking.ask("webapp.tasks.serve.read_texts", patience_seconds=_PATIENCE_SECONDS, texts=texts)
    except Busy:
        with suppress(RedisError):
            cache.set(_AWAY, 1, _AWAY_SECONDS)
        raise


def read_texts(texts: Sequence[str]) -> None:
    """Work texts out, and keep what comes of it.

    Raises:
        PupilError: the model can't be used.
    """
    rows = [_row(text) for text in texts]
    TextDirection.objects.bulk_create(rows, ignore_conflicts=True)


def forget_old() -> None:
    TextDirection.objects.filter(created_at__lt=Now() - KEEP_TEXTS).delete()


def _row(text: str) -> TextDirection:
    direction = text_images.direction(text)
    facts: dict[str, Any] = {"vector": padded(direction.vector), "strength": direction.strength}
    return TextDirection(fingerprint=text_images.fingerprint(), text=text, **facts)
