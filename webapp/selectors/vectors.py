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
_BLOCK = 2048
_AT_ONCE = 128  # rows whose halves and floats both fit a core's cache
# A float has 13 more bits of fraction, a sign 3 bits further up, and an exponent that is 112 more.
_MOVED, _KEPT, _BIAS = 13, -0x70002000, 2.0**112


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
        rows = self.rows_of(image_ids)
        places = rows if self.places is None else self.places[rows]
        return widened(self.matrix[places])

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield all vectors, some thousand at a time: which rows, and (B, D) float32."""
        for start in range(0, len(self.image_ids), _BLOCK):
            rows = slice(start, min(start + _BLOCK, len(self.image_ids)))
            yield rows, widened(self.matrix[self._places(rows)])

    def _places(self, rows: slice) -> slice | np.ndarray:
        """Return where rows lie; what lies together is not copied."""
        if self.places is None:
            return rows
        places = self.places[rows]
        first = int(places[0])
        is_together = bool((places[1:] - places[:-1] == 1).all())
        return slice(first, first + len(places)) if is_together else places

    def rows_of(self, image_ids: Sequence[int]) -> np.ndarray:
        """Return the row of each id.

        Raises:
            LookupError: one is not there; its neighbour's vector must not stand in for it.
        """
        import numpy as np

        wanted = np.asarray(image_ids, np.int64)
        rows, found = find_in(wanted, self.image_ids)
        if not found.all():
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
        dimensions: of its vectors, which are padded with zeros; the backbone's where nothing is
            said, which is not known of one that was tuned.
    """
    import numpy as np

    rows = wire.read(
        *_query("image_id, halfvec_send(vector)", project_id, fingerprint, only),
        [("image_id", ">i8"), ("vector", WIRED_VECTOR)],
    )
    width = dimensions or learning.dimensions(fingerprint)
    matrix = rows["vector"]["halves"][:, :width].astype(np.float32)
    return Vectors(rows["image_id"].astype(np.int64), matrix)


def halves_of(
    project_id: int, fingerprint: str, image_ids: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Read the vectors of some of a project's images, in no order: N ids, and (N, D) float16."""
    import numpy as np

    rows = wire.read(
        "SELECT image_id, halfvec_send(vector) FROM webapp_embedding WHERE project_id = %s"
        " AND fingerprint = %s AND image_id = ANY(%s::bigint[])",
        [project_id, fingerprint, image_ids.tolist()],
        [("image_id", ">i8"), ("vector", WIRED_VECTOR)],
    )
    halves = rows["vector"]["halves"][:, : learning.dimensions(fingerprint)]
    return rows["image_id"].astype(np.int64), halves.astype(np.float16)


def find_in(values: np.ndarray, ascending: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each value stands among the ascending ones, and whether it does."""
    import numpy as np

    if not len(ascending):
        return np.zeros(len(values), np.int64), np.zeros(len(values), bool)
    places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return places, ascending[places] == values


def widened(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (N, D) of finite float16, or float32, as float32.

    NumPy takes halves one by one. Their bits, moved to where a float has its own, are floats but
    for the exponent's bias, and that is done for many at a time.
    """
    import numpy as np

    if vectors.dtype != np.float16:
        return np.asarray(vectors, np.float32)
    floats = np.empty(vectors.shape, np.float32)
    for start in range(0, len(vectors), _AT_ONCE):
        part = floats[start : start + _AT_ONCE]
        bits = part.view(np.int32)
        # With the sign in all upper bits.
        bits[:] = vectors[start : start + _AT_ONCE].view(np.int16)
        bits <<= _MOVED
        bits &= np.int32(_KEPT)
        part *= np.float32(_BIAS)
    return floats


def ids_of_project(project_id: int, fingerprint: str) -> np.ndarray:
    """Return the ids, ascending, of a project's images that have a vector under one backbone."""
    import numpy as np

    rows = wire.read(*_query("image_id", project_id, fingerprint, None), [("image_id", ">i8")])
    return rows["image_id"].astype(np.int64)


def views_of(image_ids: Sequence[int], fingerprint: str) -> np.ndarray | None:
    """Read closer views: (N, V, D) float32, NaN where a picture has none; None where none has."""
    import numpy as np

    rows = {image_id: row for row, image_id in enumerate(image_ids)}
    mine = Views.objects.filter(image__in=rows, fingerprint=fingerprint)
    found = dict(mine.values_list("image_id", "vectors"))
    if not found:
        return None
    dimensions = learning.dimensions(fingerprint)
    by_image = {
        image_id: np.frombuffer(vectors, "<f2").reshape(-1, dimensions)
        for image_id, vectors in found.items()
    }
    count = max(len(views) for views in by_image.values())
    matrix = np.full((len(rows), count, dimensions), np.nan, np.float32)
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
