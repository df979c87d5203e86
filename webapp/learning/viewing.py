"""Closer views of labelled pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from webapp.learning import networks

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture


def most_viewed() -> int:
    """Return of how many labelled pictures at most a head learns views."""
    from training.heads.solving import MOST_VIEWED

    return MOST_VIEWED


def views_min_side() -> int:
    """Return what to keep of a picture's short side for its views."""
    from training.views import views_min_side

    return views_min_side(networks.embedder())


def embed_views(pictures: Mapping[int, Picture]) -> dict[int, np.ndarray]:
    """Return the unit vectors (V, D) float32 of each picture's views, by its key."""
    from training.views import embed_views

    return embed_views(networks.embedder(), pictures)
