"""A project's vectors, kept near the process that learns from them and judges by them.

They lie in a file without a name, mapped to memory, with the two bytes a number that the database
has too: a million take no more memory than the system can spare, and go when the process goes.
"""

from __future__ import annotations

import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings

from webapp import learning
from webapp.selectors import vectors
from webapp.selectors.vectors import Vectors

if TYPE_CHECKING:
    import numpy as np

_MAX_BYTES = 4 * 2**30  # on disk, of all projects together
_BLOCK = 8192  # vectors that are read at a time


class _Pile:
    """Vectors in the order of their arrival; those of deleted pictures stay in their places."""

    def __init__(self, project_id: int, fingerprint: str) -> None:
        import numpy as np

        self._key = project_id, fingerprint
        self._dimensions = learning.dimensions(fingerprint)
        self._ids = np.zeros(0, np.int64)
        settings.LEARNING_CACHE.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=settings.LEARNING_CACHE)  # noqa: SIM115  kept open
        weakref.finalize(self, self._file.close)

    @property
    def byte_count(self) -> int:
        return len(self._ids) * 2 * self._dimensions

    def is_mostly_dead(self, living: np.ndarray) -> bool:
        return len(self._ids) > 2 * len(living) + _BLOCK

    def current(self, living: np.ndarray) -> Vectors:
        """Return the vectors of the ids, ascending, that live now, after reading the new ones."""
        import numpy as np

        for ids, halves in self._new(living):
            self._file.write(np.ascontiguousarray(halves, np.float16).data)
            self._ids = np.concatenate([self._ids, ids])
        self._file.flush()
        order = np.argsort(self._ids)
        order = order[np.isin(self._ids[order], living, assume_unique=True)]
        return Vectors(self._ids[order], self._mapped(), order)

    def _new(self, living: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        import numpy as np

        new = np.setdiff1d(living, self._ids, assume_unique=True)
        for start in range(0, len(new), _BLOCK):
            ids, halves = vectors.halves_of(*self._key, new[start : start + _BLOCK])
            order = np.argsort(ids)
            yield ids[order], halves[order]

    def _mapped(self) -> np.ndarray:
        import numpy as np

        shape = len(self._ids), self._dimensions
        if not shape[0]:
            return np.zeros(shape, np.float16)
        return np.memmap(self._file, np.float16, "r", shape=shape)


_piles: OrderedDict[tuple[int, str], _Pile] = OrderedDict()


def kept_near(project_id: int, fingerprint: str) -> Vectors:
    """Return a project's vectors, reading only those that this process has not seen yet.

    An image's vector under one fingerprint never changes, so knowing the ids is enough.
    """
    key = (project_id, fingerprint)
    living = vectors.ids_of_project(*key)
    pile = _piles.pop(key, None)
    if pile is None or pile.is_mostly_dead(living):
        pile = _Pile(*key)
    now = pile.current(living)
    _piles[key] = pile
    while len(_piles) > 1 and sum(one.byte_count for one in _piles.values()) > _MAX_BYTES:
        _piles.popitem(last=False)
    return now
