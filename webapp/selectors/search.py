"""The pictures most like others: nearest vectors of the same project and backbone.

In small projects every vector is looked at: exact, and quick enough. In large ones an index of the
vectors' signs says which few hundred come near, and those are looked at. It knows nothing of
projects and goes on until enough of this one are found.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Func, QuerySet, Value
from django.db.models.functions import Cast
from pgvector import HalfVector
from pgvector.django import CosineDistance, HalfVectorField, HammingDistance

from webapp import learning
from webapp.errors import Invalid
from webapp.models import EMBEDDING_DIMENSIONS, Embedding, Image, Project
from webapp.models.images import signs
from webapp.selectors import vectors

if TYPE_CHECKING:
    import numpy as np

MAX_LIMIT = 200
MAX_RANKED = 500
# Up to here looking at all is quicker than it has to be; see docs/performance.md.
EXACT_UP_TO = 10_000
# How many of those with the likest signs are looked at for each one wanted, and at least. Of
# 100,000 among 500,000 made-up vectors 200 held 0.87 of the nearest ten, 400 held 0.996.
_LOOKED_AT_FOR_EACH, _LOOKED_AT_AT_LEAST = 3, 400
# How far the index goes before it first answers, and pgvector's limit.
_EF_SEARCH, _MAX_EF_SEARCH = 400, 1000
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
    wanted, mine = _as_vector(vector), _mine(project, among)
    with transaction.atomic(), connection.cursor() as cursor:
        if mine.values_list("pk")[EXACT_UP_TO : EXACT_UP_TO + 1]:
            amount = max(_LOOKED_AT_AT_LEAST, _LOOKED_AT_FOR_EACH * limit)
            cursor.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
            effort = min(max(_EF_SEARCH, amount), _MAX_EF_SEARCH)
            cursor.execute(f"SET LOCAL hnsw.ef_search = {effort}")
            # Two queries, so that no plan can ask the index again for each row.
            likest = list(_likest_signs(mine, wanted)[:amount])
            mine = Embedding.objects.filter(pk__in=likest)
        distance: Any = CosineDistance("vector", wanted)
        nearest = mine.annotate(distance=distance).order_by("distance")[:limit]
        found = nearest.values_list("image_id", "distance")
        return [(image_id, 1.0 - float(value)) for image_id, value in found]


def _as_vector(vector: "Sequence[float] | np.ndarray") -> Cast:
    padded = HalfVector([*vector, *[0.0] * (EMBEDDING_DIMENSIONS - len(vector))])
    return Cast(Value(padded.to_text()), HalfVectorField(dimensions=EMBEDDING_DIMENSIONS))


def _mine(project: Project, among: QuerySet[Image] | None) -> QuerySet[Embedding]:
    mine = Embedding.objects.filter(project=project, fingerprint=learning.fingerprint())
    return mine if among is None else mine.filter(image__in=among.order_by().values("pk"))


def _likest_signs(mine: QuerySet[Embedding], vector: Func) -> QuerySet[Embedding, int]:
    difference = HammingDistance(signs("vector"), signs(vector))
    return mine.order_by(difference).values_list("pk", flat=True)


def _vectors(project: Project, image_ids: Sequence[int]) -> "dict[int, np.ndarray]":
    known = vectors.of_project(project.pk, learning.fingerprint(), only=image_ids)
    if missing := set(image_ids) - set(known.image_ids.tolist()):
        message = f"Picture {min(missing)} is not in this project, or is not read yet."
        raise Invalid(message, code="not_indexed")
    return dict(zip(known.image_ids.tolist(), known.matrix, strict=True))
