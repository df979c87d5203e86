"""Pictures that look alike, found without any label."""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from training.background import unit

Floats = NDArray[np.float32]

# Merging takes memory for all pairs; the rest joins the nearest cluster.
_MOST_MERGED = 4000


def cluster(vectors: Floats, count: int, *, seed: int = 0) -> NDArray[np.intp]:
    """Divide pictures among at most ``count`` clusters: ``(N,)`` numbers from 0.

    Agglomeration by Ward's criterion (1963), which on whitened vectors divides more rightly than
    k-means.
    """
    if len(vectors) <= 1:
        return np.zeros(len(vectors), np.intp)
    random = np.random.default_rng(seed)
    merged = np.sort(random.permutation(len(vectors))[:_MOST_MERGED])
    tree = linkage(vectors[merged].astype(np.float64), "ward")
    numbers = fcluster(tree, count, "maxclust").astype(np.intp) - 1
    if len(merged) == len(vectors):
        return np.asarray(numbers, np.intp)
    centres = np.stack([vectors[merged][numbers == n].mean(axis=0) for n in np.unique(numbers)])
    nearest = (vectors @ unit(centres).T).argmax(axis=1)
    nearest[merged] = numbers
    return np.asarray(nearest, np.intp)


def typical(vectors: Floats) -> NDArray[np.intp]:
    """Order the pictures of a cluster, those nearest to its middle first."""
    return np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")
