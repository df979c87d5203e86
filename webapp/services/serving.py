"""The serve worker's side: look at pictures for someone who waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage

from webapp import learning
from webapp.errors import Busy, Invalid, NotFound, PupilError
from webapp.learning import general
from webapp.models import Concept, Image, Version
from webapp.selectors import vectors as vector_selectors
from webapp.services import embedding
from webapp.services.embedding import embedder_of
from webapp.services.scoring import Scorer

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture


VERSION_GONE = Busy("This version was deleted just now. Please try again.", code="version_gone")
UNREADABLE = Invalid("This picture can't be read just now.", code="unreadable")


def embed(
    version: Version | None, known_by: str, pictures: dict[int, Picture]
) -> dict[int, np.ndarray]:
    """Return the vectors, under the pictures' keys, that a version judges by, or those named.

    Raises:
        Conflict: their backbone is not here.
    """
    embedder = embedder_of(version) if version else learning.embedder_for(known_by)
    return embedder.embed(pictures)


def say(version: Version | None, vectors: dict[int, np.ndarray]) -> dict[int, dict[str, Any]]:
    """Return what a version says of vectors, or the vectors where none is asked."""
    import numpy as np

    if version is None or not vectors:
        return {key: {"vector": vector.tolist()} for key, vector in vectors.items()}
    ranked = _ranked(version, np.stack(list(vectors.values())))
    return {key: {"concepts": concepts} for key, concepts in zip(vectors, ranked, strict=True)}


def say_general(pictures: dict[int, Picture]) -> dict[int, dict[str, Any]]:
    """Return what the general model says of pictures, under their keys."""
    return {
        key: {"concepts": general_concepts({tag.id: tag.probability for tag in said.tags})}
        for key, said in learning.describe(pictures).items()
    }


def general_concepts(probabilities: Mapping[int, float]) -> list[dict[str, Any]]:
    """Return tags as concepts are returned, the most telling first."""
    return [
        {"name": name, "probability": round(p, 6), "present": p >= 0.5}
        for name, p in general.ranked(probabilities)
    ]


def predict_images(*, version_id: int, image_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the same for indexed pictures, in order; those that are not there are left out.

    Raises:
        Busy: the version was deleted.
        Conflict: its backbone is not here.
    """
    version = Version.objects.select_related("project").filter(pk=version_id).first()
    if version is None:
        raise VERSION_GONE
    if version.fingerprint != learning.fingerprint():
        embedding.complete(version, image_ids)
    vectors = vector_selectors.of_project(
        version.project_id,
        version.fingerprint,
        only=image_ids,
        dimensions=learning.dimensions(embedding.untuned(version)),
    )
    found = vectors.image_ids.tolist()
    if not found:
        return []
    names = dict(version.project.images.filter(pk__in=found).values_list("pk", "filename"))
    ranked = dict(zip(found, _ranked(version, vectors.matrix), strict=True))
    return [
        {"image": image_id, "filename": names.get(image_id, ""), "concepts": ranked[image_id]}
        for image_id in dict.fromkeys(image_ids)
        if image_id in ranked
    ]


def embed_region(*, image_id: int, box: Sequence[float], known_by: str) -> list[float]:
    """Return the vector, known by a fingerprint, of a part of an indexed picture.

    Raises:
        Conflict: its backbone is not here.
        Invalid: the picture can't be read.
        NotFound: it was deleted.
    """
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        raise NotFound("This picture was deleted.", code="image_not_found")
    try:
        with default_storage.open(image.original) as file:
            part = learning.crop(learning.decode(file, min_side=learning.KEPT_MAX_SIDE), box)
    except OSError as error:
        raise UNREADABLE from error
    return [float(value) for value in learning.embedder_for(known_by).embed({"": part})[""]]


def _ranked(version: Version, vectors: np.ndarray) -> list[list[dict[str, Any]]]:
    """Return for each vector the living concepts with probability and verdict, best first."""
    head = Scorer.of(
        learning.load_head(version.artifact), version.concepts, version.thresholds
    ).head
    probabilities = head.probabilities(vectors)
    present = head.present(probabilities)
    names = dict(Concept.objects.filter(project_id=version.project_id).values_list("pk", "name"))
    columns = [
        (column, names[concept["id"]])
        for column, concept in enumerate(version.concepts)
        if concept["id"] in names
    ]
    return [
        sorted(
            (
                {
                    "name": name,
                    "probability": round(float(row[column]), 6),
                    "present": bool(verdicts[column]),
                }
                for column, name in columns
            ),
            key=lambda concept: -concept["probability"],
        )
        for row, verdicts in zip(probabilities, present, strict=True)
    ]


def told(error: PupilError) -> dict[str, Any]:
    """Return an error as answers carry it."""
    return {"error": {"code": error.code, "message": error.message}}
