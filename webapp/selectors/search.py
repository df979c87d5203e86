"""The pictures most like others: nearest vectors of the same project and backbone.

In small projects every vector is looked at: exact, and quick enough. A large one has an index of
its vectors' signs, which says which few hundred come near, and those are looked at. Until it is
made, all are: slow, and right.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Func, QuerySet, Value
from django.db.models.functions import Cast
from pgvector import HalfVector
from pgvector.django import CosineDistance, HalfVectorField, HammingDistance

from webapp.errors import Invalid
from webapp.models import EMBEDDING_DIMENSIONS, Embedding, Image, Project
from webapp.models.images import signs
from webapp.selectors import backbones, sign_indexes, vectors
from webapp.selectors.sign_indexes import SignIndex

if TYPE_CHECKING:
    import numpy as np

MAX_LIMIT = 200
MAX_RANKED = 500
# How many of those with the likest signs are looked at, at least and for each one wanted; four for
# ten lists of the index where that is more. Of 100,000 made-up vectors 200 held 0.998 of the
# nearest ten; of 1,000,000 it was 0.966 in 400, 0.989 in 600. Each is a page of its own to be read.
_LOOKED_AT_AT_LEAST, _LOOKED_AT_FOR_EACH, _LOOKED_AT_FOR_LIST = 200, 3, 0.4
# Lists that are looked through first: 7 in 100 of the most there are, 27 of the fewest.
_PROBES = 80
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
    fingerprint: str | None = None,
    is_exact: bool = False,
) -> Nearest:
    """Return ids and cosine similarities of the pictures nearest to a vector, best first.

    Args:
        project: whose pictures.
        vector: under the backbone that the project goes by, unless another is named.
        among: only these of the project's pictures are looked at.
        limit: most that are returned.
        fingerprint: of the network that made the vector.
        is_exact: look at all, however many: signs say little where vectors are not centred.
    """
    key = project.pk, fingerprint or backbones.in_use(project)
    wanted, mine = _as_vector(vector), _mine(*key, among)
    distance: Any = CosineDistance("vector", wanted)
    nearest = mine.annotate(distance=distance).values_list("image_id", "distance")
    index = None if is_exact else sign_indexes.finest(sign_indexes.whole_ones(), *key)
    if index and (among is None or _are_many(mine)):
        found = sorted(_likest(nearest, wanted, index, limit), key=lambda one: one[1])[:limit]
    else:
        found = list(nearest.order_by("distance")[:limit])
    return [(image_id, 1.0 - float(value)) for image_id, value in found]


def _as_vector(vector: "Sequence[float] | np.ndarray") -> Cast:
    padded = HalfVector([*vector, *[0.0] * (EMBEDDING_DIMENSIONS - len(vector))])
    return Cast(Value(padded.to_text()), HalfVectorField(dimensions=EMBEDDING_DIMENSIONS))


def _mine(project_id: int, fingerprint: str, among: QuerySet[Image] | None) -> QuerySet[Embedding]:
    mine = Embedding.objects.filter(project=project_id, fingerprint=fingerprint)
    return mine if among is None else mine.filter(image__in=among.order_by().values("pk"))


def _are_many(mine: QuerySet[Embedding]) -> bool:
    limit = sign_indexes.EXACT_UP_TO
    return mine.values("image_id")[limit : limit + 1].exists()


def _likest(
    nearest: QuerySet[Embedding, tuple[int, float]], vector: Func, index: SignIndex, limit: int
) -> list[tuple[int, float]]:
    """Return those with the likest signs, with their distances."""
    of_lists = round(_LOOKED_AT_FOR_LIST * index.lists)
    amount = max(_LOOKED_AT_AT_LEAST, _LOOKED_AT_FOR_EACH * limit, of_lists)
    with transaction.atomic(), connection.cursor() as cursor:
        # Where those lists hold too few of the pictures asked among, it goes on to others. All that
        # they hold is sorted, which should need no disk.
        cursor.execute(
            f"SET LOCAL ivfflat.probes = {_PROBES};"
            " SET LOCAL ivfflat.iterative_scan = relaxed_order; SET LOCAL work_mem = '32MB'"
        )
        return list(nearest.order_by(HammingDistance(signs("vector"), signs(vector)))[:amount])


def _vectors(project: Project, image_ids: Sequence[int]) -> "dict[int, np.ndarray]":
    known = vectors.of_project(project.pk, backbones.in_use(project), only=image_ids)
    if missing := set(image_ids) - set(known.image_ids.tolist()):
        message = f"Picture {min(missing)} is not in this project, or is not read yet."
        raise Invalid(message, code="not_indexed")
    return dict(zip(known.image_ids.tolist(), known.matrix, strict=True))
