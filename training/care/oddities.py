"""Examples that are odd without being wrongly labelled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Labels = NDArray[np.int8]

_FEWEST = 5  # examples of a concept, before one can stand out from them
_NEIGHBOURS = 3
_BLOCK = 512
_FAR_OFF = 3.5  # robust standard deviations (Iglewicz and Hoaglin, 1993)
_CONFUSED = 0.3
_DARK, _BRIGHT = 0.08, 0.95
_FLAT = 0.02
_BLURRED = 0.12
_TINY_PIXELS = 64


def outliers(vectors: Floats, targets: Labels) -> list[tuple[int, int, float]]:
    """List examples unlike all others of their concept: (row, concept, similarity)."""
    found = []
    for concept in range(targets.shape[1]):
        rows = np.flatnonzero(targets[:, concept] > 0)
        if len(rows) < _FEWEST:
            continue
        nearest = _likeness_to_nearest(vectors[rows])
        middle = np.median(nearest)
        spread = 1.4826 * np.median(np.abs(nearest - middle)) + 0.02
        found += [
            (int(rows[i]), concept, float(nearest[i]))
            for i in np.flatnonzero(nearest < middle - _FAR_OFF * spread)
        ]
    return sorted(found, key=lambda one: one[2])


def _likeness_to_nearest(vectors: Floats) -> Floats:
    """Mean similarity ``(N,)`` of each to its nearest others; all pairs at once fill the memory."""
    found = []
    for start in range(0, len(vectors), _BLOCK):
        similarity = vectors[start : start + _BLOCK] @ vectors.T
        here = np.arange(len(similarity))
        similarity[here, start + here] = -np.inf
        similarity.partition(-_NEIGHBOURS, axis=1)
        found.append(similarity[:, -_NEIGHBOURS:].mean(axis=1))
    return np.concatenate(found)


def conflicts(targets: Labels, groups: NDArray[np.intp]) -> list[tuple[int, int, int]]:
    """List near-duplicates of which opposite things are said: (row, other row, concept)."""
    found = []
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        if len(rows) < 2:
            continue
        for concept in range(targets.shape[1]):
            said = targets[rows, concept]
            if (said > 0).any() and (said < 0).any():
                found.append((int(rows[said < 0][0]), int(rows[said > 0][0]), concept))
    return found


@dataclass(frozen=True)
class Confusion:
    """Two concepts, and how much of their examples is taken for the other."""

    concept: int
    other: int
    share: float


def inseparable(scores: NDArray[np.floating], targets: Labels) -> list[Confusion]:
    """List pairs of concepts that are hardly told apart, by left-out scores ``(N, C)``."""
    single = (targets > 0).sum(axis=1) == 1
    given, best = targets[single].argmax(axis=1), scores[single].argmax(axis=1)
    count = targets.shape[1]
    taken = np.zeros((count, count))
    np.add.at(taken, (given, best), 1)
    sizes = taken.sum(axis=1)
    found = [
        Confusion(a, b, float((taken[a, b] + taken[b, a]) / (sizes[a] + sizes[b])))
        for a in range(count)
        for b in range(a + 1, count)
        if min(sizes[a], sizes[b]) >= _FEWEST
    ]
    return sorted((c for c in found if c.share >= _CONFUSED), key=lambda c: -c.share)


def fault(
    *, brightness: float, contrast: float, sharpness: float, width: int, height: int
) -> str | None:
    """Name what is wrong with a picture as a picture, if something is."""
    if min(width, height) < _TINY_PIXELS:
        return "tiny"
    if brightness < _DARK:
        return "dark"
    if brightness > _BRIGHT or contrast < _FLAT:
        return "empty"
    return "blurred" if sharpness < _BLURRED else None
