"""A network's pooled features with each part of its last map left out in turn."""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.errors import BackboneError
from training.networks import Network

Floats = NDArray[np.float32]

# A transformer's patches are left out in square tiles, so many along a side at most: each costs a
# pass through the last block.
_MOST_TILES = 14
_BATCH = 28


def left_out_cells(network: Network, pixels: Tensor) -> tuple[Floats, Floats]:
    """Pool a picture's features whole, and without each cell.

    A map that is pooled by its mean needs no more than the map. Of a vision transformer, whose
    tokens all look at each other, patches are left out of what its last block sees.

    Args:
        network: a convolutional one with a mean-pooled map, or a vision transformer.
        pixels: ``(1, H, W, 3)`` uint8.

    Returns:
        ``(1, F)`` whole, and ``(S * S, F)`` without each of S x S cells, row by row.

    Raises:
        BackboneError: it is of another kind.
    """
    from timm.models.vision_transformer import VisionTransformer

    with torch.inference_mode():
        if isinstance(network.model, VisionTransformer):
            return _of_tokens(network, pixels)
        return _of_map(network, pixels)


def _of_map(network: Network, pixels: Tensor) -> tuple[Floats, Floats]:
    maps = network.maps(pixels)
    pooled = network.pool(maps)
    if maps.ndim != 4 or maps.shape[1] != pooled.shape[1]:
        raise BackboneError("not_explainable", "This backbone has no feature map.")
    cells = cast(Floats, maps[0].flatten(1).T.contiguous().numpy())
    without = (cells.sum(axis=0) - cells) / (len(cells) - 1)
    return cells.mean(axis=0, keepdims=True), without


def _of_tokens(network: Network, pixels: Tensor) -> tuple[Floats, Floats]:
    model = cast(Any, network.model)
    seen: list[Tensor] = []
    last = cast(nn.Module, model.blocks[-1])
    hook = last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        whole = network.pool(network.maps(pixels))
    finally:
        hook.remove()
    [tokens] = seen
    prefix = int(model.num_prefix_tokens)
    kept = [tokens[:, _without(tile, prefix)] for tile in _tiles(tokens.shape[1] - prefix)]
    # Tiles at the edge may hold fewer patches; those of one size run together.
    features = torch.empty(len(kept), whole.shape[1])
    for length in {part.shape[1] for part in kept}:
        mine = [index for index, part in enumerate(kept) if part.shape[1] == length]
        for start in range(0, len(mine), _BATCH):
            batch = mine[start : start + _BATCH]
            after = model.norm(last(torch.cat([kept[index] for index in batch])))
            features[batch] = network.pool(after)
    return cast(Floats, whole.numpy()), cast(Floats, features.numpy())


def _tiles(patches: int) -> list[Tensor]:
    """Divide a square of patches into square tiles: of each the mask ``(patches,)`` of its own."""
    side = round(patches**0.5)
    count = min(side, _MOST_TILES)
    edge = torch.arange(side) * count // side
    tile = (edge[:, None] * count + edge).flatten()
    return [tile == number for number in range(count * count)]


def _without(tile: Tensor, prefix: int) -> Tensor:
    return torch.cat([torch.ones(prefix, dtype=torch.bool), ~tile])
