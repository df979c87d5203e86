"""The forward pass on an NVIDIA GPU: half precision where it does no harm, copies that overlap."""

import threading
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.backbones import Branch
from training.networks import build_network

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

MAX_DEVIATION = 1e-3  # of unit vectors, from float32
_PROBES = 8


class CudaEngine:
    """Torch with channels last, and float16 if its vectors are those of float32.

    Every thread has a CUDA stream of its own and copies from pinned memory, so that while one
    batch is worked on another one's pixels are on their way.
    """

    def __init__(self, branch: Branch, *, device: str = "cuda") -> None:
        self._device = torch.device(device)
        self._network = build_network(branch).to(self._device)
        # Its type stubs know no memory formats.
        cast(Any, self._network).to(memory_format=torch.channels_last)
        self._own = threading.local()
        self._is_half = False
        self._is_half = self._half_is_harmless(branch.size)

    @torch.inference_mode()
    def features(self, pixels: Pixels) -> Floats:
        """Turn pixels ``(B, H, W, 3)`` uint8 into pooled features ``(B, D)`` float32."""
        host = torch.from_numpy(np.ascontiguousarray(pixels))
        if self._device.type != "cuda":
            return self._pooled(host)
        if not hasattr(self._own, "stream"):
            self._own.stream = cast(Any, torch.cuda.Stream)(self._device)
        with torch.cuda.stream(self._own.stream):
            return self._pooled(host.pin_memory().to(self._device, non_blocking=True))

    def _pooled(self, pixels: Tensor) -> Floats:
        with torch.autocast(self._device.type, torch.float16, enabled=self._is_half):
            pooled = self._network(pixels)
        return cast(Floats, pooled.float().cpu().numpy())

    def _half_is_harmless(self, size: int) -> bool:
        """Compare both precisions on smooth noise, as unit vectors."""
        if self._device.type != "cuda":
            return False
        random = np.random.default_rng(0)
        small = random.integers(0, 256, (_PROBES, 8, 8, 3), dtype=np.uint8)
        probes = small.repeat(-(-size // 8), 1).repeat(-(-size // 8), 2)[:, :size, :size]
        exact = self.features(probes)
        self._is_half = True
        return deviation(exact, self.features(probes)) <= MAX_DEVIATION


def deviation(features: Floats, others: Floats) -> float:
    """Return how far two batches of features are apart as unit vectors, at most."""
    first, second = (f / np.linalg.norm(f, axis=1, keepdims=True) for f in (features, others))
    return float(np.linalg.norm(first - second, axis=1).max())
