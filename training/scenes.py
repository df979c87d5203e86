"""Which pictures of a concept are so alike that they are of one scene.

Pictures taken one after the other say little more than one of them, and vouch for each other when
one is left out: what is left out to learn how new pictures will do is the scene.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float32]

# Whitened vectors of one scene; those of one object in other places lie below as a rule.
_ONE_SCENE = 0.8
# Of more pictures than this there are enough unlike ones; comparing all would take too long.
_MOST_COMPARED = 2000


def scenes(
    vectors: Floats, positive: NDArray[np.bool_], groups: Sequence[Hashable] | None = None
) -> NDArray[np.intp]:
    """Number the scenes: pictures that are linked by likeness within a concept, or by a group.

    Args:
        vectors: ``(N, D)`` unit vectors.
        positive: ``(N, C)``.
        groups: N group ids, where near-duplicates are known already.

    Returns:
        ``(N,)`` scene numbers.
    """
    count = len(vectors)
    pairs = [np.empty((0, 2), np.intp)]
    for column in positive.T:
        rows = np.flatnonzero(column)
        if len(rows) <= _MOST_COMPARED:
            alike = vectors[rows] @ vectors[rows].T > _ONE_SCENE
            pairs.append(rows[np.argwhere(np.triu(alike, 1))])
    if groups is not None:
        first: dict[Hashable, int] = {}
        pairs.append(np.array([(first.setdefault(g, i), i) for i, g in enumerate(groups)]))
    one, other = np.concatenate(pairs).T
    links = coo_array((np.ones(len(one), bool), (one, other)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.intp)


def seen_elsewhere(scene: NDArray[np.intp], positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell ``(N, C)`` which positives have another in another scene, so that they can be judged."""
    several = [len(np.unique(scene[column])) > 1 for column in positive.T]
    return np.asarray(positive & np.array(several, bool))
