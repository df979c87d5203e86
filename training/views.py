"""Closer views of labelled pictures: what is taught should not hang on how a picture is framed."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.embed import Box, Embedder, view

K = TypeVar("K")
Floats = NDArray[np.float32]

# Two opposite corners. Where they lie: shares of what is left beside them.
_CORNERS = ((1.0, 0.0), (0.0, 1.0))
_SIDE = 0.75
COUNT = len(_CORNERS)


def views_min_side(embedder: Embedder) -> int:
    """Tell what ``images.decode`` should keep, so that no view is scaled up."""
    return round(embedder.min_side / _SIDE)


def embed_views(embedder: Embedder, images: Mapping[K, Image.Image]) -> dict[K, Floats]:
    """Embed two views of each upright RGB picture: opposite corners, mirrored.

    Returns:
        ``(COUNT, D)`` float32 unit vectors under the keys of ``images``.
    """
    return {
        key: embedder.background.vectors(view_features(embedder, image))
        for key, image in images.items()
    }


def view_features(embedder: Embedder, image: Image.Image) -> list[Floats]:
    """Pool the features of a picture's views: ``(COUNT, F)`` float32 per branch."""
    boxes = _boxes(image.size)
    pixels = [
        np.stack([view(image, branch, box)[:, ::-1] for box in boxes])
        for branch in embedder.spec.branches
    ]
    return embedder.pooled(pixels)


def _boxes(size: Sequence[int]) -> list[Box]:
    width, height = size
    w, h = width * _SIDE, height * _SIDE
    return [
        (left, top, left + w, top + h)
        for left, top in ((x * (width - w), y * (height - h)) for x, y in _CORNERS)
    ]
