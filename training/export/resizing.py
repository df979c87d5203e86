"""Pillow's way of making pictures smaller, in operations that ONNX has.

ONNX's own ``Resize`` rounds nowhere and treats borders differently, so the weights are worked out
in the graph, from the picture's size, as Pillow works them out: a resize is two matrix products
with rounding to whole levels between them. Source: Pillow's ``src/libImaging/Resample.c`` and
``Reduce.c``.
"""

import torch
from torch import Tensor

from training.backbones import Branch

_CUBIC = -0.5
# Pillow keeps weights, and one pixel's share of a block, as integers of these precisions.
_WEIGHT_STEPS = 2.0**22
_SHARES = 2.0**24


def size_of(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return height and width as tensors, so that they stay variables of the graph."""
    shape = torch._shape_as_tensor(pixels)
    return shape[0], shape[1]


def reduce(pixels: Tensor, short_side: int, long_side: int) -> Tensor:
    """Average whole blocks as :func:`training.images.decode` does, by Pillow's ``Image.reduce``.

    Args:
        pixels: ``(H, W, 3)`` float32.
        short_side: what the short side keeps at least, in pixels.
        long_side: likewise.

    Returns:
        ``(ceil(H / n), ceil(W / n), 3)`` float32, whole numbers.
    """
    height, width = size_of(pixels)
    by_short, by_long = torch.minimum(height, width), torch.maximum(height, width)
    factor = torch.minimum(by_short // short_side, by_long // long_side).clamp(min=1)
    rows, columns = (height + factor - 1) // factor, (width + factor - 1) // factor
    below = pixels.new_zeros((rows * factor - height, width, 3))  # type: ignore[arg-type]
    tall = torch.cat([pixels, below])
    beside = pixels.new_zeros((rows * factor, columns * factor - width, 3))  # type: ignore[arg-type]
    blocks = torch.cat([tall, beside], dim=1).reshape(rows, factor, columns, factor, 3)  # type: ignore[call-overload]
    counts = _filled(height, rows, factor)[:, None] * _filled(width, columns, factor)
    sums = blocks.sum(dim=(1, 3)).double() + torch.floor(counts / 2)[..., None]
    return torch.floor(sums * torch.floor(_SHARES / counts)[..., None] / _SHARES).float()


def _levels(values: Tensor) -> Tensor:
    return torch.clamp(torch.floor(values + 0.5), 0, 255)


def resize(pixels: Tensor, branch: Branch) -> Tensor:
    """Cut what a branch sees: the twin of :func:`training.embed.view`.

    Args:
        pixels: ``(H, W, 3)`` float32, whole numbers.
        branch: says size and view.

    Returns:
        ``(size, size, 3)`` float32, whole numbers.
    """
    height, width = size_of(pixels)
    left, top, right, bottom = _box(height, width, branch)
    across = _weights(width, left, right, branch)
    down = _weights(height, top, bottom, branch)
    # Pillow 13 begins with the side that shrinks more; the rounding between depends on it.
    is_tall = (height > branch.size) & (2 * width < height + branch.size)
    # In double precision: a sum that is off by a hair lands on another level.
    seen: Tensor = _two_passes(pixels.double(), across, down, is_tall).float()
    return seen.flip(1) if branch.view.endswith("_mirrored") else seen


@torch.jit.script  # a trace would know one order only
def _two_passes(pixels: Tensor, across: Tensor, down: Tensor, is_tall: Tensor) -> Tensor:
    size = across.size(0)
    if bool(is_tall):
        short = _levels(torch.matmul(down, pixels.reshape(pixels.size(0), -1)))
        planes = short.reshape(size, -1, 3).permute(0, 2, 1)
        seen = _levels(torch.matmul(planes, across.t()))
    else:
        narrow = _levels(torch.matmul(pixels.permute(0, 2, 1), across.t()))
        planes = torch.matmul(down, narrow.reshape(-1, 3 * size))
        seen = _levels(planes).reshape(size, 3, size)
    return seen.permute(0, 2, 1)


def _filled(length: Tensor, blocks: Tensor, factor: Tensor) -> Tensor:
    """How many pixels each block of a side has; the last may have fewer."""
    starts = torch.arange(blocks) * factor  # type: ignore[call-overload]
    return torch.minimum(factor, length - starts).double()


def _box(height: Tensor, width: Tensor, branch: Branch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The twin of :func:`training.embed.view_box`; Pillow takes boxes in single precision."""
    h, w = height.double(), width.double()
    zero = torch.zeros_like(h)
    edges = (zero, zero, w, h)
    if branch.view.startswith("center"):
        side = torch.minimum(h, w) * branch.crop_fraction
        left, top = (w - side) / 2, (h - side) / 2
        edges = (left, top, left + side, top + side)
    left, top, right, bottom = (edge.float() for edge in edges)
    return left, top, right, bottom


def _weights(length: Tensor, start: Tensor, end: Tensor, branch: Branch) -> Tensor:
    """What each of ``length`` pixels gives to each of ``size``: ``(size, length)`` float64."""
    size = branch.size
    scale = (end - start).double() / size
    filter_scale = torch.clamp(scale, min=1.0)
    centres = start.double() + (torch.arange(size, dtype=torch.float64) + 0.5) * scale
    pixels = torch.arange(length, dtype=torch.float64) + 0.5  # type: ignore[call-overload]
    weights = FILTERS[branch.interpolation](
        torch.abs(pixels[None] - centres[:, None]) / filter_scale
    )
    weights = weights / weights.sum(dim=1, keepdim=True)
    return torch.floor(weights * _WEIGHT_STEPS + 0.5) / _WEIGHT_STEPS


def _cubic(x: Tensor) -> Tensor:
    near = ((_CUBIC + 2) * x - (_CUBIC + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * _CUBIC
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def _triangle(x: Tensor) -> Tensor:
    return torch.clamp(1 - x, min=0)


# By Pillow's names.
FILTERS = {"bicubic": _cubic, "bilinear": _triangle}
