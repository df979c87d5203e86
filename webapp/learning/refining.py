"""Networks with weights of their own: tuned in the background, kept in a version's artifact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from webapp.errors import Invalid
from webapp.learning import networks
from webapp.learning.backgrounds import OTHER_BACKBONE, background, names, spec
from webapp.learning.heads import load_refined

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

    from training.embed import Embedder
    from training.refine import RefineResult


def refine(
    pictures: Sequence[Picture],
    vectors: np.ndarray,
    labels: np.ndarray,
    *,
    concepts: Sequence[str],
    groups: Sequence[int],
    views: np.ndarray | None,
    progress: Callable[[float], None],
    should_stop: Callable[[], bool],
    max_seconds: float,
) -> RefineResult:
    """Tune the network's last stages, and tell by cross-validation whether that helped.

    Args:
        pictures: upright RGB, one per row; they may be decoded as they are asked for.
        vectors: (N, D) float32, before refining.
        labels: (N, C) int8; every row shows a concept.
        concepts: C names.
        groups: N numbers; near-duplicates share one and are in the same fold.
        views: (N, V, D) of closer views, NaN where there are none: what the head alone learns.
        progress: told the share that is done.
        should_stop: asked between steps.
        max_seconds: it ends, with nothing kept, when this is over.

    Raises:
        Invalid: there are too few examples.
    """
    from training.errors import TrainingError
    from training.heads import TrainingSet
    from training.refine import refine

    try:
        return refine(
            pictures,
            TrainingSet(vectors, labels, concepts, spec().fingerprint, None, groups, views),
            spec=spec(),
            background=background(),
            progress=progress,
            should_stop=should_stop,
            max_seconds=max_seconds,
        )
    except TrainingError as error:
        raise Invalid(error.message, code=error.code) from error


def refined_embedder(weights: Mapping[str, np.ndarray]) -> Embedder:
    """Return an embedder whose network has these weights."""
    return networks.embedder().refined(weights)


@lru_cache(maxsize=2)
def embedder_of_refined(artifact: str, known_by: str) -> Embedder:
    """Return the embedder of a refined version, kept near: the second answer comes quickly.

    Raises:
        Conflict: the backbone that was tuned is not here.
    """
    return networks.embedder_for(tuned_from(artifact, known_by)).refined(load_refined(artifact))


@lru_cache(maxsize=32)
def tuned_from(artifact: str, known_by: str) -> str:
    """Return what the vectors of the backbone are known by that a refined version was tuned from.

    Raises:
        Conflict: it is not here.
    """
    from training.embed import refined_fingerprint

    weights = load_refined(artifact)
    for untuned in names():
        if refined_fingerprint(untuned, weights) == known_by:
            return untuned
    raise OTHER_BACKBONE
