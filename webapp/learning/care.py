"""Care for the examples: near-duplicates, wrong labels, clusters, what to label next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from training.care.inspection import Concern


def near_duplicates(
    vectors: np.ndarray, hashes: np.ndarray, others: np.ndarray, other_hashes: np.ndarray
) -> np.ndarray:
    """Return (P, 2) pairs of rows that show the same; see `training.care.groups`."""
    from training.care.groups import near_duplicates

    return near_duplicates(vectors, hashes, others, other_hashes)


def inspect(
    matrix: np.ndarray, labels: np.ndarray, groups: Sequence[int], *, is_exclusive: bool
) -> list[Concern]:
    """Say which examples hurt and what would mend them; see `training.care.inspection`."""
    from training.care import inspection

    return inspection.inspect(matrix, labels, groups, is_exclusive=is_exclusive)


def fault(
    *, brightness: float, contrast: float, sharpness: float, width: int, height: int
) -> str | None:
    """Name what is wrong with a picture as a picture: dark, empty, blurred or tiny."""
    from training.care import oddities

    return oddities.fault(
        brightness=brightness, contrast=contrast, sharpness=sharpness, width=width, height=height
    )


def clusters(matrix: np.ndarray, count: int) -> list[list[int]]:
    """Divide pictures among clusters; rows by cluster, the most typical first, large ones first."""
    import numpy as np

    from training.care.clusters import cluster, typical

    numbers = cluster(matrix, count)
    found = []
    for number in np.unique(numbers):
        rows = np.flatnonzero(numbers == number)
        found.append(rows[typical(matrix[rows])].tolist())
    return sorted(found, key=len, reverse=True)


def teach_most(
    labelled: np.ndarray, unlabelled: np.ndarray, probabilities: np.ndarray | None, *, count: int
) -> list[int]:
    """Choose the rows of unlabelled pictures whose labels would teach most."""
    from training.care.teach_most import teach_most

    return teach_most(labelled, unlabelled, probabilities, count=count)
