"""From vectors and labels to a head, and back from a score to what made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from webapp.errors import Invalid
from webapp.learning.backgrounds import background, name_of

if TYPE_CHECKING:
    import numpy as np

    from training.heads import FitResult
    from training.influence import Influence


def fit(
    vectors: np.ndarray,
    labels: np.ndarray,
    *,
    concepts: Sequence[str],
    image_ids: Sequence[int],
    groups: Sequence[int],
    is_exclusive: bool,
    known_by: str,
    tuned_from: str = "",
    views: np.ndarray | None = None,
) -> FitResult:
    """Fit a head.

    Args:
        vectors: (N, D) float32.
        labels: (N, C) int8; 1 positive, -1 negative, 0 not said.
        concepts: C names.
        image_ids: N ids, to name the wrong predictions by.
        groups: N numbers; near-duplicates share one and are left out together.
        is_exclusive: exactly one concept is true of each picture.
        known_by: the vectors' fingerprint.
        tuned_from: that of the backbone whose background counts, where it was tuned.
        views: (N, V, D) float32 of closer views; NaN where a picture has none.

    Raises:
        Invalid: there is nothing to learn from.
    """
    from training.errors import TrainingError
    from training.heads import TrainingSet, fit

    shared = groups if len(set(groups)) < len(groups) else None
    try:
        return fit(
            TrainingSet(vectors, labels, concepts, known_by, image_ids, shared, views),
            background=background(name_of(tuned_from or known_by)),
            exclusive=is_exclusive,
        )
    except TrainingError as error:
        raise Invalid(error.message, code=error.code) from error


def influence(
    vector: np.ndarray,
    vectors: np.ndarray,
    pulls: np.ndarray,
    *,
    untuned: str,
    views: np.ndarray,
    viewed: np.ndarray,
) -> Influence:
    """Take a score apart into what each training picture gave; see `training.influence`.

    Args:
        vector: (D,) of the picture in question.
        vectors: (N, D) of the training pictures.
        pulls: (N + R + M,) of one concept.
        untuned: what vectors of the backbone are known by, before any tuning.
        views: (R, D) of views that were learned.
        viewed: (R,) each one's picture among the N.
    """
    from training.influence import influence

    bank = background(name_of(untuned)).bank
    return influence(vector, vectors, bank, pulls, views=views, viewed=viewed)


def warm_up_fitting() -> None:
    """Load what fitting needs, so that the first Train does not wait for it."""
    from training.heads import fit  # noqa: F401

    background()
