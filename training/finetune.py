"""Gradient steps on a network's last stages, over cached output of the stages before them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from training.backbones import Branch
from training.cuts import cut
from training.embed import view, view_box
from training.networks import Network, build_network

_VIEWS = 6
_EPOCHS = 10
_BATCH = 32
_HEAD_RATE = 3e-3
# Logits are this many times a cosine.
_SCALE = 12.0
_SEED = 0

ShouldStop = Callable[[], bool]


class Stages:
    """A network cut in two: a frozen part, whose output is cached, and a tail that is tuned."""

    def __init__(self, branch: Branch) -> None:
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._branch = branch
        self._network: Network = build_network(branch)
        self._cut = cut(self._network.model)
        self._network.to(self._device).requires_grad_(False)
        self._start = [parameter.clone() for parameter in self._cut.tuned]

    def cache(self, images: Sequence[Image.Image]) -> Tensor:
        """Run the frozen part on views of each picture: ``(N, V, ...)`` float16.

        The first view is the one that is embedded; the others are random crops, half mirrored.
        """
        random = np.random.default_rng(_SEED)
        kept = []
        for image in images:
            boxes = [None, *(_crop(image, self._branch, random) for _ in range(_VIEWS - 1))]
            pixels = np.stack([view(image, self._branch, box) for box in boxes])
            pixels[2::2] = pixels[2::2, :, ::-1]
            with torch.inference_mode():
                on_device = torch.from_numpy(pixels).to(self._device)
                kept.append(self._cut.frozen(self._network.normalise(on_device)).half().cpu())
        return torch.stack(kept)

    @contextmanager
    def tuned(
        self, cached: Tensor, labels: NDArray[np.bool_], should_stop: ShouldStop
    ) -> Iterator[None]:
        """Tune the tail on cached views, and put it back at the end.

        Cross-entropy over a cosine classifier that starts at the class means (Chen et al., "A
        closer look at few-shot classification", ICLR 2019). Batch statistics stay frozen: there
        are too few pictures to estimate them.
        """
        try:
            self._tune(cached, labels, should_stop)
            yield
        finally:
            with torch.no_grad():
                for parameter, start in zip(self._cut.tuned, self._start, strict=True):
                    parameter.requires_grad_(False).copy_(start)

    def features(self, cached: Tensor) -> NDArray[np.float32]:
        """Pool the tail's output of each picture's first view: ``(N, F)`` float32."""
        with torch.inference_mode():
            parts = [self._pool(part) for part in torch.split(cached[:, 0], _BATCH)]
        return torch.cat(parts).float().cpu().numpy()

    def weights(self) -> dict[str, NDArray[Any]]:
        """Copy what differs from the network as it came, under its own names, as it is now."""
        modules = dict(self._network.model.named_modules())
        found = {}
        for name in self._cut.changed:
            module, _, parameter = name.rpartition(".")
            found[name] = getattr(modules[module], parameter).detach().cpu().numpy().copy()
        return found

    def _pool(self, cached: Tensor) -> Tensor:
        return self._cut.tail(cached.to(self._device).float())

    def _tune(self, cached: Tensor, labels: NDArray[np.bool_], should_stop: ShouldStop) -> None:
        torch.manual_seed(_SEED)
        targets = torch.from_numpy(labels.astype(np.float32)).to(self._device)
        targets = targets / targets.sum(dim=1, keepdim=True)
        start = functional.normalize(torch.from_numpy(self.features(cached)), dim=1)
        head = nn.Parameter(functional.normalize(targets.T @ start.to(self._device), dim=1))
        for parameter in self._cut.tuned:
            parameter.requires_grad_(True)
        rates = [self._cut.rate, _HEAD_RATE]
        groups = [
            {"params": self._cut.tuned, "lr": self._cut.rate},
            {"params": [head], "lr": _HEAD_RATE},
        ]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        steps = _EPOCHS * -(-len(cached) // _BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=steps)
        half = torch.autocast(self._device, torch.bfloat16, enabled=self._device == "cuda")
        for _ in range(_EPOCHS):
            for batch in torch.tensor_split(torch.randperm(len(cached)), -(-len(cached) // _BATCH)):
                if should_stop():
                    return
                views = cached[batch, torch.randint(_VIEWS, (len(batch),))]
                with half:
                    pooled = functional.normalize(self._pool(views), dim=1)
                    logits = _SCALE * pooled @ functional.normalize(head, dim=1).T
                    loss: Any = functional.cross_entropy(
                        logits.float(), targets[batch.to(self._device)]
                    )
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()


def _crop(
    image: Image.Image, branch: Branch, random: np.random.Generator
) -> tuple[float, float, float, float]:
    """Draw a square of half to all of what the branch sees."""
    left, top, right, bottom = view_box(image.size, branch)
    share = random.uniform(0.5, 1.0) ** 0.5
    width, height = (right - left) * share, (bottom - top) * share
    x, y = random.uniform(left, right - width), random.uniform(top, bottom - height)
    return x, y, x + width, y + height
