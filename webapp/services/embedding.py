"""Vectors of pictures under networks that were refined, beside those that indexing made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from webapp import learning
from webapp.errors import PupilError
from webapp.models import Embedding, Image, Version
from webapp.selectors import vectors as vector_selectors
from webapp.services.writing import padded

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

    from training.embed import Embedder

logger = logging.getLogger(__name__)

_BATCH = 16


class Network(Protocol):
    """What makes vectors of pictures, known by its fingerprint."""

    @property
    def fingerprint(self) -> str: ...
    def embed(self, images: dict[int, Picture]) -> dict[int, np.ndarray]: ...


def embedder_of(version: Version) -> Embedder:
    """Return what makes a version's vectors.

    Raises:
        Conflict: its backbone is not here.
    """
    if version.refinement:
        return learning.embedder_of_refined(version.artifact, version.fingerprint)
    return learning.embedder_for(version.fingerprint)


def untuned(version: Version) -> str:
    """Return what the vectors of a version's backbone are known by, before any tuning.

    Raises:
        Conflict: it is not here.
    """
    if version.refinement:
        return learning.tuned_from(version.artifact, version.fingerprint)
    return version.fingerprint


def complete(version: Version, image_ids: Sequence[int]) -> None:
    """Embed those pictures that have no vector of a version's network.

    They came after it was refined, or after another backbone was chosen.

    Raises:
        Conflict: its backbone is not here.
    """
    there = vector_selectors.ids_of_project(version.project_id, version.fingerprint)
    missing = set(image_ids) - set(there.tolist())
    if missing:
        embed(version.project_id, sorted(missing), embedder_of(version))


def embed(
    project_id: int,
    image_ids: Sequence[int],
    embedder: Network,
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Write the vectors of indexed pictures; those that can't be read now are left out."""
    for start in range(0, len(image_ids), _BATCH):
        images = Image.objects.filter(
            project=project_id, pk__in=image_ids[start : start + _BATCH], status=Image.Status.READY
        )
        pictures = {image.pk: picture for image in images if (picture := read(image))}
        write(project_id, embedder, pictures)
        progress(min(1.0, (start + _BATCH) / len(image_ids)))


def read(image: Image) -> Picture | None:
    """Decode a picture; nothing where it can't be read."""
    try:
        with default_storage.open(image.original) as file:
            return learning.decode(file)
    except (OSError, PupilError) as error:
        logger.warning("picture %s not read: %s", image.pk, error)
        return None


def write(project_id: int, embedder: Network, pictures: dict[int, Picture]) -> None:
    """Write the vectors of pictures, by their ids; of those that were deleted there is none."""
    rows = [
        Embedding(
            project_id=project_id,
            image_id=image_id,
            fingerprint=embedder.fingerprint,
            vector=padded(vector),
        )
        for image_id, vector in embedder.embed(pictures).items()
    ]
    try:
        with transaction.atomic():
            Embedding.objects.bulk_create(rows, ignore_conflicts=True)
    except IntegrityError:  # one was deleted at this moment: each for itself
        for row in rows:
            _write_one(row)


def _write_one(row: Embedding) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        logger.warning("picture %s is gone", row.image_id)
