"""Networks cut in two: what stays frozen, and a tail of which some parameters are tuned."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from training.errors import BackboneError

_TUNED_STAGES = 2
_TUNED_BLOCKS = 4
_RANK = 8
_STAGE_RATE, _ADAPTER_RATE = 3e-4, 3e-3


@dataclass(frozen=True)
class Cut:
    """A network in two parts.

    Attributes:
        frozen: normalised pixels ``(B, 3, H, W)`` to what is cached.
        tail: what is cached to pooled features ``(B, F)``.
        tuned: the parameters to tune.
        changed: names of the network's own parameters that then differ.
        rate: the learning rate that suits them.
    """

    frozen: Callable[[Tensor], Tensor]
    tail: Callable[[Tensor], Tensor]
    tuned: list[nn.Parameter]
    changed: list[str]
    rate: float


class LowRank(nn.Module):
    """Adds a product of two thin matrices to a weight; at first it adds nothing.

    Source: Hu et al., "LoRA: Low-rank adaptation of large language models" (ICLR 2022).
    """

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        rows, columns = weight.shape
        random = torch.Generator().manual_seed(0)
        self.down = nn.Parameter(torch.randn(_RANK, columns, generator=random) / columns**0.5)
        self.up = nn.Parameter(torch.zeros(rows, _RANK))

    def forward(self, weight: Tensor) -> Tensor:
        """``(R, C)`` to ``(R, C)``."""
        return weight + self.up @ self.down


def cut(model: nn.Module) -> Cut:
    """Cut a timm model where refining it begins.

    EfficientNets are tuned from the last two stages on; vision transformers get adapters in the
    attention of their last blocks.

    Raises:
        BackboneError: it is of another kind.
    """
    from timm.models.efficientnet import EfficientNet
    from timm.models.vision_transformer import VisionTransformer

    if isinstance(model, EfficientNet):
        return _cut_stages(model)
    if isinstance(model, VisionTransformer):
        return _cut_blocks(model)
    raise BackboneError("not_refinable", "This backbone can't be refined.")


def _cut_stages(model: Any) -> Cut:
    stages = list(model.blocks)
    tail = nn.Sequential(*stages[-_TUNED_STAGES:], model.conv_head, model.bn2)
    tuned = list(tail.parameters())
    return Cut(
        frozen=nn.Sequential(model.conv_stem, model.bn1, *stages[:-_TUNED_STAGES]),
        tail=lambda maps: cast(Tensor, model.forward_head(tail(maps), pre_logits=True)),
        tuned=tuned,
        changed=_names(model, tuned),
        rate=_STAGE_RATE,
    )


def _cut_blocks(model: Any) -> Cut:
    blocks = list(model.blocks)
    first = max(len(blocks) - _TUNED_BLOCKS, len(blocks) // 2)
    layers = [layer for b in blocks[first:] for layer in (b.attn.qkv, b.attn.proj)]
    changed = _names(model, [layer.weight for layer in layers])
    tuned: list[nn.Parameter] = []
    for layer in layers:
        adapter = LowRank(layer.weight)
        parametrize.register_parametrization(layer, "weight", adapter)
        tuned += adapter.parameters()
    before = nn.Sequential(
        model.patch_embed,
        _Position(model),
        model.patch_drop,
        model.norm_pre,
        *blocks[:first],
    )
    after = nn.Sequential(*blocks[first:], model.norm)
    return Cut(
        frozen=before,
        tail=lambda tokens: cast(Tensor, model.forward_head(after(tokens), pre_logits=True)),
        tuned=tuned,
        changed=changed,
        rate=_ADAPTER_RATE,
    )


class _Position(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self._embed = model._pos_embed

    def forward(self, tokens: Tensor) -> Tensor:
        return cast(Tensor, self._embed(tokens))


def _names(model: nn.Module, parameters: list[Any]) -> list[str]:
    wanted = {id(parameter) for parameter in parameters}
    return [name for name, p in model.named_parameters() if id(p) in wanted]
