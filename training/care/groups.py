"""Near-duplicates and bursts."""

import numpy as np
from numpy.typing import NDArray

from training.looks import differing_bits

Floats = NDArray[np.float32]
Hashes = NDArray[np.int64]

# Alike to the network alone: the same scene a moment later.
_SAME_SCENE = 0.96
# Alike to the eye, too: scaled, compressed, slightly cropped.
_ALIKE, _ALIKE_BITS = 0.80, 8


def near_duplicates(
    vectors: Floats, hashes: Hashes, others: Floats, other_hashes: Hashes
) -> NDArray[np.intp]:
    """Return ``(P, 2)`` pairs of rows, of a picture and another that show the same.

    Args:
        vectors: ``(N, D)`` unit vectors; ``N × M`` similarities are kept at a time.
        hashes: ``(N,)`` perceptual hashes.
        others: ``(M, D)``.
        other_hashes: ``(M,)``.
    """
    similarity = vectors @ others.T
    rows, columns = np.nonzero(similarity >= _ALIKE)
    same = similarity[rows, columns] >= _SAME_SCENE
    same |= differing_bits(hashes[rows], other_hashes[columns]) <= _ALIKE_BITS
    return np.column_stack([rows[same], columns[same]])
