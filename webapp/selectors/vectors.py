"""Embeddings as matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from webapp import learning, wire
from webapp.models import EMBEDDING_DIMENSIONS, Views

if TYPE_CHECKING:
    import numpy as np

# pgvector's wire form.
WIRED_VECTOR: Any = [
    ("width", ">i2"),
    ("unused", ">i2"),
    ("halves", ">f2", (EMBEDDING_DIMENSIONS,)),
]
_BLOCK = 8192


@dataclass(frozen=True)
class Vectors:
    """Vectors of a project's images.

    Attributes:
        image_ids: N ids, ascending.
        matrix: (M, D) float32 or float16, row by row theirs unless `places` are given.
        places: (N,) the row of each id in `matrix`.
    """

    image_ids: np.ndarray
    matrix: np.ndarray
    places: np.ndarray | None = None

    def of(self, image_ids: Sequence[int]) -> np.ndarray:
        """Return (len, D) float32 the vectors of images.

        Raises:
            LookupError: one is not there.
        """
        import numpy as np

        rows = self.rows_of(image_ids)
        places = rows if self.places is None else self.places[rows]
        return np.asarray(self.matrix[places], np.float32)

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield all vectors, some thousand at a time: which rows, and (B, D) float32."""
        import numpy as np

        for start in range(0, len(self.image_ids), _BLOCK):
            rows = slice(start, min(start + _BLOCK, len(self.image_ids)))
            places = rows if self.places is None else self.places[rows]
            yield rows, np.asarray(self.matrix[places], np.float32)

    def rows_of(self, image_ids: Sequence[int]) -> np.ndarray:
        """Return the row of each id.

        Raises:
            LookupError: one is not there; its neighbour's vector must not stand in for it.
        """
        import numpy as np

        wanted = np.asarray(image_ids, np.int64)
        rows = np.searchsorted(self.image_ids, wanted)
        if len(wanted) and (
            rows.max() >= len(self.image_ids) or (self.image_ids[rows] != wanted).any()
        ):
            raise LookupError("A picture was deleted in the meantime.")
        return rows


def of_project(
    project_id: int,
    fingerprint: str,
    *,
    only: Sequence[int] | None = None,
    dimensions: int | None = None,
) -> Vectors:
    """Read the vectors of a project under one backbone, of some images alone where given.

    Args:
        project_id: whose.
        fingerprint: the backbone's.
        only: ids of images; of all where there are none.
        dimensions: of its vectors, which are padded with zeros; those of the backbone in use where
            nothing is said.
    """
    import numpy as np

    rows = wire.read(
        *_query("image_id, halfvec_send(vector)", project_id, fingerprint, only),
        [("image_id", ">i8"), ("vector", WIRED_VECTOR)],
    )
    matrix = rows["vector"]["halves"][:, : dimensions or learning.dimensions()].astype(np.float32)
    return Vectors(rows["image_id"].astype(np.int64), matrix)


def halves_between(
    project_id: int, fingerprint: str, first: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read a project's vectors from one image to another: N ids, and (N, D) float16."""
    import numpy as np

    rows = wire.read(
        "SELECT image_id, halfvec_send(vector) FROM webapp_embedding WHERE project_id = %s"
        " AND fingerprint = %s AND image_id BETWEEN %s AND %s ORDER BY image_id",
        [project_id, fingerprint, first, last],
        [("image_id", ">i8"), ("vector", WIRED_VECTOR)],
    )
    halves = rows["vector"]["halves"][:, : learning.dimensions()]
    return rows["image_id"].astype(np.int64), halves.astype(np.float16)


def ids_of_project(project_id: int, fingerprint: str) -> np.ndarray:
    """Return the ids, ascending, of a project's images that have a vector under one backbone."""
    import numpy as np

    rows = wire.read(*_query("image_id", project_id, fingerprint, None), [("image_id", ">i8")])
    return rows["image_id"].astype(np.int64)


def views_of(image_ids: Sequence[int], fingerprint: str) -> np.ndarray | None:
    """Read closer views: (N, V, D) float32, NaN where a picture has none; None where none has."""
    import numpy as np

    rows = {image_id: row for row, image_id in enumerate(image_ids)}
    found = Views.objects.filter(image__in=rows, fingerprint=fingerprint)
    by_image = {
        image_id: np.frombuffer(vectors, "<f2").reshape(-1, learning.dimensions())
        for image_id, vectors in found.values_list("image_id", "vectors")
    }
    if not by_image:
        return None
    count = max(len(views) for views in by_image.values())
    matrix = np.full((len(rows), count, learning.dimensions()), np.nan, np.float32)
    for image_id, views in by_image.items():
        matrix[rows[image_id], : len(views)] = views
    return matrix


def _query(
    columns: str, project_id: int, fingerprint: str, only: Sequence[int] | None
) -> tuple[str, list[Any]]:
    where = "" if only is None else "AND image_id = ANY(%s::bigint[])"
    parameters: list[Any] = [project_id, fingerprint, *([] if only is None else [list(only)])]
    query = (
        f"SELECT {columns} FROM webapp_embedding"  # noqa: S608  columns are ours
        f" WHERE project_id = %s AND fingerprint = %s {where} ORDER BY image_id"
    )
    return query, parameters
