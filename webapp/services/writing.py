"""The rows that indexing leaves, in a few statements however many pictures there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import connection

from webapp import learning, wire
from webapp.errors import PupilError
from webapp.models import EMBEDDING_DIMENSIONS, Embedding, Image, ImageTag
from webapp.selectors.vectors import WIRED_VECTOR

if TYPE_CHECKING:
    import numpy as np

    from training.embed import Description

_TAGS = [("project_id", ">i8"), ("image_id", ">i8"), ("tag", ">i4"), ("probability", ">f8")]
_SEEN = ("thumbnail", "display", "hash", "brightness", "contrast", "sharpness")


def write(project_id: int, images: Sequence[Image], described: Mapping[int, Description]) -> None:
    """Write what was found out of pictures, in place of what was known of them."""
    import numpy as np

    if not images:
        return
    _mark_ready(images)
    ids = np.array([image.pk for image in images], np.int64)
    _write_tags(project_id, {image.pk: described[image.pk] for image in images})
    Embedding.objects.filter(image__in=images, fingerprint=learning.fingerprint()).delete()
    vectors = np.stack([described[image.pk].vector for image in images])
    copy_vectors(project_id, ids, vectors, fingerprint=learning.fingerprint())


def copy_vectors(
    project_id: int, image_ids: np.ndarray, vectors: np.ndarray, *, fingerprint: str
) -> None:
    """Add the vectors (N, D) of N pictures.

    Raises:
        PupilError: they are wider than the column.
    """
    import numpy as np

    columns = [
        ("project_id", ">i8"),
        ("image_id", ">i8"),
        ("fingerprint", f"S{len(fingerprint)}"),
        ("vector", WIRED_VECTOR),
    ]
    wired = np.zeros(len(image_ids), WIRED_VECTOR)
    wired["width"], wired["halves"] = EMBEDDING_DIMENSIONS, padded(vectors)
    same = np.ones(len(image_ids), np.int64)
    names = np.full(len(image_ids), fingerprint.encode())
    wire.write("webapp_embedding", columns, [project_id * same, image_ids, names, wired])


def padded(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (…, D) as wide as the column, with zeros behind.

    Raises:
        PupilError: they are wider already.
    """
    import numpy as np

    room = EMBEDDING_DIMENSIONS - vectors.shape[-1]
    if room < 0:
        raise PupilError(
            f"This backbone's embeddings are wider than {EMBEDDING_DIMENSIONS}.",
            code="backbone_too_wide",
        )
    return np.pad(vectors, [(0, 0)] * (vectors.ndim - 1) + [(0, room)])


def _mark_ready(images: Sequence[Image]) -> None:
    seen = [[getattr(image, name) for image in images] for name in _SEEN]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE webapp_image AS image
            SET status = %s, error_code = '', error_message = '', is_described = true,
                thumbnail = seen.thumbnail, display = seen.display, hash = seen.hash,
                brightness = seen.brightness, contrast = seen.contrast, sharpness = seen.sharpness
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::float8[],
                        %s::float8[], %s::float8[])
                AS seen (id, thumbnail, display, hash, brightness, contrast, sharpness)
            WHERE image.id = seen.id
            """,
            [Image.Status.READY.value, [image.pk for image in images], *seen],
        )


def _write_tags(project_id: int, described: Mapping[int, Description]) -> None:
    import numpy as np

    ImageTag.objects.filter(image__in=list(described)).delete()
    said = [(pk, tag.id, tag.probability) for pk, one in described.items() for tag in one.tags]
    image_ids, tags, probabilities = zip(*said, strict=True) if said else ((), (), ())
    values = [np.full(len(said), project_id), image_ids, tags, probabilities]
    wire.write("webapp_imagetag", _TAGS, [np.asarray(column) for column in values])
