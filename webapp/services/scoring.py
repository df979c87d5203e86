"""Probabilities of pictures under a version, worked out in one product and written in bulk."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection

from webapp.models import Concept, Prediction, Version

if TYPE_CHECKING:
    import numpy as np

    from training.heads import Head


def score(version: Version, head: Head, image_ids: Sequence[int], vectors: np.ndarray) -> None:
    """Replace these pictures' predictions by what a version says of them.

    Call it in a transaction that holds the predictions' lock.

    Args:
        version: whose concepts the head's columns are.
        head: of the version.
        image_ids: N ids.
        vectors: (N, D) float32, in the order of the ids.
    """
    Prediction.objects.filter(image_id__in=image_ids).delete()
    write(version, head, image_ids, vectors)


def write(version: Version, head: Head, image_ids: Sequence[int], vectors: np.ndarray) -> None:
    """Write predictions of pictures that have none; see `score`."""
    if not len(image_ids):
        return
    probabilities = head.probabilities(vectors)
    present = head.present(probabilities)
    columns = _living_columns(version)
    rows = io.StringIO()
    for image_id, row, verdicts in zip(image_ids, probabilities, present, strict=True):
        for column, concept_id in columns:
            rows.write(f"{image_id}\t{concept_id}\t{row[column]:.6f}\t{bool(verdicts[column])}\n")
    rows.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY webapp_prediction (image_id, concept_id, probability, is_present) FROM STDIN",
            rows,
        )


def _living_columns(version: Version) -> list[tuple[int, int]]:
    """Return column and id of the version's concepts that were not deleted since."""
    living = set(Concept.objects.filter(project_id=version.project_id).values_list("pk", flat=True))
    return [
        (column, concept["id"])
        for column, concept in enumerate(version.concepts)
        if concept["id"] in living
    ]
