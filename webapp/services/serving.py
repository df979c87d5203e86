"""The serve worker's side: look at pictures for someone who waits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.core.files.storage import default_storage

from webapp import events, learning
from webapp.errors import Invalid, NotFound, PupilError
from webapp.models import Concept, Image, Version
from webapp.selectors import vectors as vector_selectors
from webapp.services import embedding
from webapp.services.embedding import embedder_of
from webapp.services.scoring import Scorer

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture


def predict_blobs(*, version_id: int, keys: Sequence[str]) -> list[dict[str, Any]] | None:
    """Return per key the concepts best first, or the error of a picture that is broken.

    Nothing where the version is gone.
    """
    version = Version.objects.filter(pk=version_id).first()
    if version is None:
        return None
    pictures: dict[str, Picture] = {}
    answers: dict[str, dict[str, Any]] = {}
    for key in keys:
        try:
            pictures[key] = _picked_up(key)
        except PupilError as error:
            answers[key] = told(error)
    vectors = embedder_of(version).embed(pictures)
    if vectors:
        import numpy as np

        ranked = _ranked(version, np.stack(list(vectors.values())))
        answers |= {
            key: {"concepts": concepts} for key, concepts in zip(vectors, ranked, strict=True)
        }
    return [answers[key] for key in keys]


def predict_images(*, version_id: int, image_ids: Sequence[int]) -> list[dict[str, Any]] | None:
    """Return the same for indexed pictures, in order; those that are not there are left out."""
    version = Version.objects.select_related("project").filter(pk=version_id).first()
    if version is None:
        return None
    if version.refinement:
        embedding.complete(version, image_ids)
    vectors = vector_selectors.of_project(version.project_id, version.fingerprint, only=image_ids)
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


def embed_blob(*, key: str) -> dict[str, Any]:
    """Return the vector of one picture."""
    try:
        vector = learning.embed({key: _picked_up(key)})[key]
    except PupilError as error:
        return told(error)
    return {"vector": [float(value) for value in vector]}


def embed_region(*, image_id: int, box: Sequence[float]) -> dict[str, Any]:
    """Return the vector of a part of an indexed picture."""
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return told(NotFound("This picture was deleted.", code="image_not_found"))
    try:
        with default_storage.open(image.original) as file:
            part = learning.crop(learning.decode(file, of_parts=True), box)
    except PupilError as error:
        return told(error)
    return {"vector": [float(value) for value in learning.embed({"": part})[""]]}


def _picked_up(key: str) -> Picture:
    data = cast("bytes | None", events.client().getdel(key))
    if data is None:
        raise Invalid("This picture waited too long. Please try again.", code="expired")
    return learning.decode(io.BytesIO(data))


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
