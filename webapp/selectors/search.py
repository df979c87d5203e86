"""The pictures most like one: nearest vectors of the same project and backbone."""

from collections.abc import Sequence

from django.db import connection, transaction
from pgvector import HalfVector
from pgvector.django import CosineDistance

from webapp import learning
from webapp.errors import Invalid
from webapp.models import EMBEDDING_DIMENSIONS, Embedding, Image, Project

MAX_LIMIT = 200


def like_image(project: Project, image: Image, *, limit: int) -> list[tuple[int, float]]:
    """Return ids and cosine similarities of the pictures most like an indexed one, best first.

    Raises:
        Invalid: the picture is not indexed yet.
    """
    embedding = image.embeddings.filter(fingerprint=learning.fingerprint()).first()
    if embedding is None:
        raise Invalid("This picture is not indexed yet.", code="not_indexed")
    found = like_vector(project, embedding.vector, limit=limit + 1)
    return [(image_id, similarity) for image_id, similarity in found if image_id != image.pk][
        :limit
    ]


def like_vector(
    project: Project, vector: Sequence[float], *, limit: int
) -> list[tuple[int, float]]:
    """Return ids and cosine similarities of the pictures nearest to a vector, best first."""
    padded = [*vector, *[0.0] * (EMBEDDING_DIMENSIONS - len(vector))]
    nearest = (
        Embedding.objects.filter(project=project, fingerprint=learning.fingerprint())
        .annotate(distance=CosineDistance("vector", HalfVector(padded)))
        .order_by("distance")
        .values_list("image_id", "distance")
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # The index knows nothing of projects: it must go on until enough of this one are found.
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
        return [
            (image_id, 1.0 - float(distance))
            for image_id, distance in nearest[: min(limit, MAX_LIMIT)]
        ]
