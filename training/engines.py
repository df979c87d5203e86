"""The forward pass on what the machine has: CUDA through torch, the CPU through OpenVINO.

Both run the same timm module, and their vectors are the same to 1e-3. A compiled model is kept in
a cache folder; a warm CPU worker then never imports torch. Every engine may be used from several
threads at once.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from training.allocation import keep_blocks
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
    """Eager torch in float32: what the others are compared with."""

    def __init__(
        self, branch: Branch, *, refined: Mapping[str, NDArray[Any]] | None = None
    ) -> None:
        from training.networks import build_network

        self._network = build_network(branch, refined)

    def features(self, pixels: Pixels) -> Floats:
        import torch

        with torch.inference_mode():
            pooled = self._network(torch.from_numpy(np.ascontiguousarray(pixels)))
        return cast(Floats, pooled.numpy())


class OpenVinoEngine:
    """OpenVINO on the CPU, several times faster there than eager torch."""

    def __init__(
        self,
        branch: Branch,
        *,
        cache_dir: Path | None = None,
        threads: int | None = None,
        streams: int = 1,
    ) -> None:
        """Load and compile.

        Args:
            branch: the network.
            cache_dir: keeps it converted and compiled.
            threads: of the CPU, shared by all streams; as many as there are cores if not given.
            streams: how many passes may run side by side. One is quickest for a single batch;
                as many as there are threads get the most done.
        """
        import openvino

        keep_blocks()
        core = openvino.Core()
        model = convert(branch) if cache_dir is None else core.read_model(
            converted(branch, cache_dir)
        )  # fmt: skip
        options: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": "f32",
            "NUM_STREAMS": streams,
            # Other workers' networks run on the same cores, and would be tied to the same ones.
            "ENABLE_CPU_PINNING": False,
        }
        if threads is not None:
            options["INFERENCE_NUM_THREADS"] = threads
        self._compiled = core.compile_model(model, "CPU", options)
        self._own = threading.local()
        # OpenVINO makes some of its parts at their first use, holding Python's lock: two threads
        # that are first at once wait for each other for ever.
        self.features(np.zeros((1, branch.size, branch.size, 3), np.uint8))

    def features(self, pixels: Pixels) -> Floats:
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        return cast(Floats, self._own.request.infer(pixels)[0].copy())


def choose_engine(
    branch: Branch, *, cache_dir: Path | None = None, threads: int | None = None, streams: int = 1
) -> Engine:
    """Pick the fastest engine that this machine has."""
    if has_cuda():
        from training.cuda import CudaEngine

        return CudaEngine(branch)
    return OpenVinoEngine(branch, cache_dir=cache_dir, threads=threads, streams=streams)


def has_cuda() -> bool:
    """Whether torch can use a GPU; torch is only asked where there is a driver."""
    if not any(Path(path).exists() for path in ("/proc/driver/nvidia", "/dev/dxg")):
        return False
    import torch

    return torch.cuda.is_available()
