"""Near-duplicates and bursts."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from training.looks import differing_bits

Floats = NDArray[np.float32]
Hashes = NDArray[np.int64]

# Alike to the network alone: the same scene a moment later.
_SAME_SCENE = 0.96
# Alike to the eye, too: scaled, compressed, slightly cropped.
_ALIKE, _ALIKE_BITS = 0.80, 8
_BLOCK = 512


def near_duplicates(
    vectors: Floats, hashes: Hashes, others: Floats, other_hashes: Hashes
) -> Iterator[tuple[int, int]]:
    """Yield pairs of a picture and another that show the same.

    Args:
        vectors: ``(N, D)`` unit vectors.
        hashes: ``(N,)`` perceptual hashes.
        others: ``(M, D)``.
        other_hashes: ``(M,)``.
    """
    for start in range(0, len(vectors), _BLOCK):
        part = slice(start, start + _BLOCK)
        similarity = vectors[part] @ others.T
        rows, columns = np.nonzero(similarity >= _ALIKE)
        same = similarity[rows, columns] >= _SAME_SCENE
        same |= differing_bits(hashes[part][rows], other_hashes[columns]) <= _ALIKE_BITS
        yield from zip((rows[same] + start).tolist(), columns[same].tolist(), strict=True)
