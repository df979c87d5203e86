"""From pixels to probabilities as one torch module: what is traced into the file."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from training.backbones import BackboneSpec
from training.background import POWER, Background, Whitening
from training.export.resizing import reduce, resize
from training.heads import Head
from training.networks import Network


class Pipeline(nn.Module):
    """All that a version does with a picture.

    Args:
        head: of the version.
        spec: the backbone it was fitted on.
        networks: one per branch of it, refined or not.
        background: of the same backbone.
        sides: what the short and the long side of a picture keep when it is averaged down first.
    """

    def __init__(
        self,
        head: Head,
        spec: BackboneSpec,
        networks: Sequence[Network],
        background: Background,
        *,
        sides: tuple[int, int],
    ) -> None:
        super().__init__()
        self.branches, self.sides = spec.branches, sides
        self.networks = nn.ModuleList(networks)
        self.whitenings = nn.ModuleList(_Whitening(w) for w in background.whitenings)
        self.weights = background.weights
        self.head = _Head(head)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """``(H, W, 3)`` uint8 to probabilities ``(C,)`` float32 and verdicts ``(C,)`` bool."""
        picture = reduce(pixels.float(), *self.sides)
        parts = []
        for index, branch in enumerate(self.branches):
            features = self.networks[index](resize(picture, branch)[None])
            parts.append(self.weights[index] * self.whitenings[index](features))
        probabilities, present = self.head(_unit(torch.cat(parts, dim=1)))
        return probabilities[0], present[0]


class _Whitening(nn.Module):
    """The twin of :class:`training.background.Whitening`."""

    mean: Tensor
    directions: Tensor
    gains: Tensor
    floor_gain: Tensor
    projection: Tensor

    def __init__(self, whitening: Whitening) -> None:
        super().__init__()
        for name, array in vars(whitening).items():
            self.register_buffer(name, torch.from_numpy(array))
        self.projects = len(whitening.projection) > 0

    def forward(self, features: Tensor) -> Tensor:
        powered = _unit(torch.sign(features) * torch.abs(features) ** POWER)
        centred = powered - self.mean
        along = torch.matmul(centred, self.directions.t())
        gained = along * (self.gains - self.floor_gain)
        whitened = _unit(self.floor_gain * centred + torch.matmul(gained, self.directions))
        return torch.matmul(whitened, self.projection.t()) if self.projects else whitened


class _Head(nn.Module):
    """The twin of :class:`training.heads.Head`, with its calibration and verdicts."""

    weights: Tensor
    bias: Tensor
    thresholds: Tensor
    slope: Tensor
    offset: Tensor
    known: Tensor

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.exclusive = head.exclusive
        for name in ("weights", "bias", "thresholds"):
            self.register_buffer(name, torch.from_numpy(getattr(head, name)))
        for name in ("slope", "offset", "known"):
            self.register_buffer(name, torch.from_numpy(getattr(head.calibration, name)))

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        scores = torch.matmul(vectors, self.weights.t()) + self.bias
        logits = self.slope * scores + self.offset
        if not self.exclusive:
            probabilities = torch.sigmoid(logits)
            return probabilities, probabilities >= self.thresholds
        best = scores.amax(dim=1, keepdim=True)
        any_of_them = torch.sigmoid(self.known[0] * best + self.known[1])
        probabilities = any_of_them * torch.softmax(logits, dim=1)
        is_best = torch.arange(len(self.bias)) == probabilities.argmax(dim=1)[:, None]
        return probabilities, (probabilities >= self.thresholds) & is_best


def _unit(vectors: Tensor) -> Tensor:
    lengths = torch.sqrt((vectors * vectors).sum(dim=-1, keepdim=True))
    return vectors / torch.clamp(lengths, min=1e-12)
