"""Where in a picture a concept is: drawn by the serve worker, kept in Valkey for a while."""

from __future__ import annotations

from typing import cast

import redis
from django.core.files.storage import default_storage

from webapp import events, learning
from webapp.errors import Conflict, Invalid
from webapp.models import Concept, Draft, Image, Project
from webapp.services import asking, scoring, serving

_KEPT_SECONDS = 3600

_UNKNOWN = Conflict("Pupil does not know this concept yet. Mark some pictures of it and train.",
                    code="not_trained")  # fmt: skip


def where(*, image: Image, concept: Concept) -> bytes:
    """Return a PNG to lay over a picture: what in it speaks for a concept.

    Raises:
        Conflict: nothing was learned of the concept yet.
        Invalid: the picture was not read yet, or the backbone can't tell.
        Busy: the serve worker does not answer.
    """
    if image.status != Image.Status.READY:
        raise Invalid("This picture is not indexed yet.", code="not_indexed")
    key = _key(image, concept)
    if found := _kept(key):
        return found
    asking.ask("webapp.tasks.serve.where", image_id=image.pk, concept_id=concept.pk, key=key)
    if found := _kept(key):
        return found
    raise asking.busy()


def locate(*, image_id: int, concept_id: int, key: str) -> None:
    """Draw it and leave it under the key; the serve worker's side.

    Raises:
        Conflict: nothing was learned of the concept yet.
        Invalid: the picture can't be read.
    """
    try:
        drawn = _draw(Image.objects.get(pk=image_id), concept_id)
    except (OSError, Image.DoesNotExist) as error:
        raise serving.UNREADABLE from error
    events.client().set(key, drawn, ex=_KEPT_SECONDS)


def _draw(image: Image, concept_id: int) -> bytes:
    scorer = scoring.current(image.project_id)
    columns = scorer.living_columns(image.project_id) if scorer else {}
    if scorer is None or concept_id not in columns:
        raise _UNKNOWN
    with default_storage.open(image.original) as file:
        picture = learning.decode(file)
    return learning.where(picture, scorer.head, columns[concept_id])


def _key(image: Image, concept: Concept) -> str:
    """Return the name of the drawing by what the pages show the word of: another says another."""
    project = Project.objects.select_related("version").get(pk=image.project_id)
    draft = Draft.objects.filter(project=project).defer("head").first()
    shown = draft or project.version
    if shown is None or concept.pk not in {taught["id"] for taught in shown.concepts}:
        raise _UNKNOWN
    model = f"draft-{draft.created_at.timestamp()}" if draft else f"version-{shown.pk}"
    return f"where:{image.pk}:{concept.pk}:{model}"


def _kept(key: str) -> bytes | None:
    try:
        return cast("bytes | None", events.client().get(key))
    except redis.RedisError as error:
        raise asking.busy() from error
