"""Where in a picture the evidence for a concept is."""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from training.backbones import BackboneSpec, Branch
from training.background import Background
from training.embed import view, view_box
from training.heads import Head
from training.left_out_cells import left_out_cells
from training.networks import Network, build_network

Floats = NDArray[np.float32]

_MAX_SIDE = 128


def explain(
    image: Image.Image, concept: str, *, head: Head, spec: BackboneSpec, background: Background
) -> Floats:
    """Map how much each part of a picture speaks for a concept.

    Each cell of the last feature map is left out of the pooled mean in turn; how far the score
    falls is what the cell gave. For average pooling and a linear head this is the class
    activation map (Zhou et al., CVPR 2016), here also through the transform between the two. One
    forward pass per network; of a vision transformer's last block one more for each cell.

    Args:
        image: upright RGB.
        concept: one of the head's.
        head: fitted on vectors of this backbone.
        spec: the backbone.
        background: of the same backbone.

    Returns:
        ``(H, W)`` float32 in the picture's proportions, 128 at the longer side: logits per cell,
        positive where the evidence is for the concept, negative where against it.

    Raises:
        BackboneError: the backbone has neither a map that is pooled by its mean nor tokens.
        ValueError: the head knows no such concept.
    """
    column = head.concepts.index(concept)
    parts = [_left_out(image, branch) for branch in spec.branches]
    pooled = [whole for whole, _ in parts]
    whole = head.scores(background.vectors(pooled))[0, column]
    scale = _MAX_SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    evidence = np.zeros((size[1], size[0]), np.float32)
    for index, (_, without) in enumerate(parts):
        features = [np.repeat(other, len(without), axis=0) for other in pooled]
        features[index] = without
        fall = whole - head.scores(background.vectors(features))[:, column]
        evidence += _placed(fall, spec.branches[index], size)
    return np.asarray(evidence * head.calibration.slope[column], np.float32)


def _left_out(image: Image.Image, branch: Branch) -> tuple[Floats, Floats]:
    """Pool one network's features: ``(1, F)`` whole, ``(S * S, F)`` without each cell."""
    pixels = torch.from_numpy(view(image, branch)[None].copy())
    return left_out_cells(_network(branch), pixels)


@cache
def _network(branch: Branch) -> Network:
    return build_network(branch)


def _placed(fall: Floats, branch: Branch, size: tuple[int, int]) -> Floats:
    """Put a map of what a branch saw where it was seen; the rest of the picture gets zero."""
    side = round(len(fall) ** 0.5)
    grid = fall.reshape(side, side)
    if branch.view.endswith("_mirrored"):
        grid = grid[:, ::-1]
    left, top, right, bottom = (round(edge) for edge in view_box(size, branch))
    seen = Image.fromarray(np.ascontiguousarray(grid, np.float32))
    seen = seen.resize((max(1, right - left), max(1, bottom - top)), Image.Resampling.BILINEAR)
    placed = np.zeros((size[1], size[0]), np.float32)
    placed[top : top + seen.height, left : left + seen.width] = np.asarray(seen)
    return placed
