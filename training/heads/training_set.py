"""What a head is fitted on."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.errors import LearningError
from training.judgements import implied

Floats = NDArray[np.float32]
Labels = NDArray[np.int8]


@dataclass(frozen=True)
class TrainingSet:
    """Labelled vectors of one project.

    Attributes:
        vectors: ``(N, D)`` float32 unit vectors, all under one fingerprint.
        labels: ``(N, C)``: +1 shows the concept, -1 does not, 0 nobody said.
        concepts: the C names.
        fingerprint: of the backbone that made the vectors.
        image_ids: N ids for the lists of wrong predictions; positions where not given.
        groups: N group ids; near-duplicates that share one are left out together.
        views: ``(N, V, D)`` float32 unit vectors of closer views, of `training.views`; rows of
            pictures that have none hold NaN.
    """

    vectors: Floats
    labels: Labels
    concepts: Sequence[str]
    fingerprint: str = ""
    image_ids: Sequence[Hashable] | None = None
    groups: Sequence[Hashable] | None = None
    views: Floats | None = None

    def __post_init__(self) -> None:
        """Check that the parts fit together.

        Raises:
            LearningError: they do not.
        """
        images, concepts = len(self.vectors), len(self.concepts)
        if self.vectors.ndim != 2 or self.labels.shape != (images, concepts):
            raise LearningError("shapes_differ", "The labels do not belong to these vectors.")
        if len(set(self.concepts)) != concepts:
            raise LearningError("duplicate_concept", "Two concepts have the same name.")
        for ids in (self.image_ids, self.groups):
            if ids is not None and len(ids) != images:
                raise LearningError("shapes_differ", "The ids do not belong to these vectors.")
        if self.views is not None and self.views.shape[::2] != self.vectors.shape:
            raise LearningError("shapes_differ", "The views do not belong to these vectors.")
        if not np.isfinite(self.vectors).all():
            raise LearningError("not_finite", "Some vectors hold values that are no numbers.")
        if not (self.labels > 0).any():
            raise LearningError("nothing_to_learn", "No picture has been given a concept yet.")

    @property
    def targets(self) -> Labels:
        """Labels ``(N, C)`` with what is implied."""
        return implied(self.labels)

    @property
    def ids(self) -> Sequence[Hashable]:
        """The images' ids, or their positions."""
        return self.image_ids if self.image_ids is not None else range(len(self.vectors))

    @property
    def viewed(self) -> NDArray[np.intp]:
        """The rows of pictures that have views."""
        if self.views is None:
            return np.array([], np.intp)
        return np.flatnonzero(np.isfinite(self.views).all(axis=(1, 2)))

    @property
    def group_numbers(self) -> NDArray[np.intp]:
        """The groups ``(N,)`` as numbers below N, in order of appearance; each its own if none."""
        numbers: dict[Hashable, int] = {}
        groups = range(len(self.vectors)) if self.groups is None else self.groups
        return np.array([numbers.setdefault(g, len(numbers)) for g in groups], np.intp)

    def labelled(self) -> "TrainingSet":
        """Keep the images of which something is known, with what is implied made explicit."""
        targets = self.targets
        return replace(self, labels=targets).at(np.flatnonzero(targets.any(axis=1)))

    def at(self, chosen: Sequence[int] | NDArray[np.intp]) -> "TrainingSet":
        """Keep some rows, in this order."""
        rows = [int(row) for row in chosen]
        return replace(
            self,
            vectors=np.asarray(self.vectors[rows], np.float32),
            labels=self.labels[rows],
            image_ids=[self.ids[row] for row in rows],
            groups=None if self.groups is None else [self.groups[row] for row in rows],
            views=None if self.views is None else self.views[rows],
        )
