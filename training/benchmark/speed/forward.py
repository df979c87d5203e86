"""The bare forward pass of every engine, and the loop that one would write without thinking."""

import io
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import BackboneSpec
from training.embed import view
from training.engines import Engine, OpenVinoEngine, TorchEngine, has_cuda

_SECONDS = 2.0
_BATCHES = (1, 4, 8, 16, 32)
Rates = dict[str, dict[str, float]]


def measure_forward(
    spec: BackboneSpec, *, cache_dir: Path, threads: int, engines: Sequence[str] = ()
) -> Rates:
    """Run every engine at every batch size, on noise.

    Args:
        spec: all of its networks are run, one after the other.
        cache_dir: where converted networks are kept.
        threads: of the CPU.
        engines: only these, where named.

    Returns:
        Pictures per second by engine, then by batch size.
    """
    loaders = _loaders(spec, cache_dir, threads)
    return {
        name: {str(batch): _rate(spec, load(), batch) for batch in _BATCHES}
        for name, load in loaders.items()
        if not engines or name in engines
    }


def measure_plain_loop(spec: BackboneSpec, files: Sequence[bytes]) -> float:
    """Decode whole with Pillow, resize, run timm eager, picture by picture; pictures per second."""
    networks = [TorchEngine(branch) for branch in spec.branches]
    started = time.perf_counter()
    done = 0
    while (elapsed := time.perf_counter() - started) < 2 * _SECONDS:
        with Image.open(io.BytesIO(files[done % len(files)])) as opened:
            picture = opened.convert("RGB")
        for network, branch in zip(networks, spec.branches, strict=True):
            network.features(view(picture, branch)[None])
        done += 1
    return round(done / elapsed, 2)


def _loaders(
    spec: BackboneSpec, cache_dir: Path, threads: int
) -> dict[str, Callable[[], list[Engine]]]:
    found: dict[str, Callable[[], list[Engine]]] = {
        "torch eager": lambda: [TorchEngine(branch) for branch in spec.branches],
        "OpenVINO": lambda: [
            OpenVinoEngine(branch, cache_dir=cache_dir, threads=threads) for branch in spec.branches
        ],
    }
    if has_cuda():
        from training.cuda import CudaEngine

        found["torch CUDA"] = lambda: [CudaEngine(branch) for branch in spec.branches]
    return found


def _rate(spec: BackboneSpec, engines: list[Engine], batch: int) -> float:
    random = np.random.default_rng(0)
    pixels: list[NDArray[np.uint8]] = [
        random.integers(0, 256, (batch, b.size, b.size, 3), dtype=np.uint8) for b in spec.branches
    ]
    done, started = 0, 0.0
    while not started or time.perf_counter() - started < _SECONDS:
        for engine, data in zip(engines, pixels, strict=True):
            engine.features(data)
        started = started or time.perf_counter()  # the first pass is to warm up
        done += batch
    return round((done - batch) / (time.perf_counter() - started), 2)
