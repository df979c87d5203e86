"""The forward pass on what the machine has: CUDA through torch, the CPU through OpenVINO.

Both run the same timm module in float32, so that their vectors are the same to 1e-3. A compiled
model is kept in a cache folder; a warm CPU worker then never imports torch.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from training.backbones import Branch
from training.conversion import convert, converted

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Engine(Protocol):
    """A way to run a backbone."""

    def features(self, pixels: Pixels) -> Floats:
        """Turn pixels ``(B, H, W, 3)`` uint8 into pooled features ``(B, D)`` float32."""
        ...


class TorchEngine:
    """Eager torch, on a GPU where there is one."""

    def __init__(
        self,
        branch: Branch,
        *,
        device: str = "cpu",
        refined: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        from training.networks import build_network

        self._device = device
        self._network = build_network(branch, refined).to(device)

    def features(self, pixels: Pixels) -> Floats:
        import torch

        with torch.inference_mode():
            pooled = self._network(torch.from_numpy(pixels).to(self._device))
        return cast(Floats, pooled.float().cpu().numpy())


class OpenVinoEngine:
    """OpenVINO on the CPU, several times faster there than eager torch."""

    def __init__(
        self, branch: Branch, *, cache_dir: Path | None = None, threads: int | None = None
    ) -> None:
        import openvino

        core = openvino.Core()
        if cache_dir is None:
            model = convert(branch)
        else:
            model = core.read_model(converted(branch, cache_dir))
        options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
        if threads is not None:
            options["INFERENCE_NUM_THREADS"] = threads
        self._compiled = core.compile_model(model, "CPU", options)

    def features(self, pixels: Pixels) -> Floats:
        return cast(Floats, self._compiled(pixels)[0].copy())


def choose_engine(
    branch: Branch, *, cache_dir: Path | None = None, threads: int | None = None
) -> Engine:
    """Pick the fastest engine that this machine has."""
    if has_cuda():
        return TorchEngine(branch, device="cuda")
    return OpenVinoEngine(branch, cache_dir=cache_dir, threads=threads)


def has_cuda() -> bool:
    """Whether torch can use a GPU; torch is only asked where there is a driver."""
    if not any(Path(path).exists() for path in ("/proc/driver/nvidia", "/dev/dxg")):
        return False
    import torch

    return torch.cuda.is_available()
