"""The pictures most like others: nearest vectors of the same project and backbone.

In small projects every vector is looked at: exact, and quick enough. In large ones the index is
asked, which knows nothing of projects and goes on until enough of this one are found.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import FloatField, QuerySet, Value
from pgvector import HalfVector
from pgvector.django import CosineDistance

from webapp import learning
from webapp.errors import Invalid
from webapp.models import EMBEDDING_DIMENSIONS, Embedding, Image, Project
from webapp.selectors import vectors

if TYPE_CHECKING:
    import numpy as np

MAX_LIMIT = 200
MAX_RANKED = 500
# Up to here looking at all is quicker than it has to be; see docs/performance.md.
EXACT_UP_TO = 10_000
_EF_SEARCH = 100
# How far those that shall not be alike push the query away (Rocchio, 1971).
_UNLIKE_WEIGHT = 0.5

Nearest = list[tuple[int, float]]


def like_images(
    project: Project,
    *,
    like: Sequence[int],
    unlike: Sequence[int] = (),
    among: QuerySet[Image] | None = None,
    limit: int,
) -> Nearest:
    """Return ids and cosine similarities of the pictures most like some and unlike others.

    Args:
        project: whose pictures.
        like: ids of indexed pictures; they are found, too.
        unlike: ids of indexed pictures.
        among: only these of the project's pictures are looked at.
        limit: most that are returned.

    Raises:
        Invalid: one of the pictures is not there or not indexed yet.
    """
    known = _vectors(project, [*like, *unlike])
    import numpy as np

    wanted = np.mean([known[image_id] for image_id in like], axis=0)
    if unlike:
        wanted -= _UNLIKE_WEIGHT * np.mean([known[image_id] for image_id in unlike], axis=0)
    return like_vector(project, wanted, among=among, limit=limit)


def like_vector(
    project: Project,
    vector: "Sequence[float] | np.ndarray",
    *,
    among: QuerySet[Image] | None = None,
    limit: int,
) -> Nearest:
    """Return ids and cosine similarities of the pictures nearest to a vector, best first."""
    padded = [*vector, *[0.0] * (EMBEDDING_DIMENSIONS - len(vector))]
    mine = Embedding.objects.filter(project=project, fingerprint=learning.fingerprint())
    if among is not None:
        mine = mine.filter(image__in=among.order_by().values("pk"))
    is_exact = not mine.values_list("pk")[EXACT_UP_TO : EXACT_UP_TO + 1]
    distance: Any = CosineDistance("vector", HalfVector(padded))
    # Added to, the distance is none that the index knows how to order by.
    order = distance + Value(0.0, output_field=FloatField()) if is_exact else distance
    nearest = mine.annotate(distance=order).order_by("distance").values_list("image_id", "distance")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
        cursor.execute(f"SET LOCAL hnsw.ef_search = {max(_EF_SEARCH, limit)}")
        return [(image_id, 1.0 - float(value)) for image_id, value in nearest[:limit]]


def _vectors(project: Project, image_ids: Sequence[int]) -> "dict[int, np.ndarray]":
    known = vectors.of_project(project.pk, learning.fingerprint(), only=image_ids)
    if missing := set(image_ids) - set(known.image_ids.tolist()):
        message = f"Picture {min(missing)} is not in this project, or is not read yet."
        raise Invalid(message, code="not_indexed")
    return dict(zip(known.image_ids.tolist(), known.matrix, strict=True))
