"""How fast pictures become what a network and a thumbnail need, without any network."""

import io
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from training.images import decode

_SECONDS = 1.5


def measure_decoding(files: Sequence[bytes], *, min_side: int, threads: int) -> dict[str, float]:
    """Decode on one core and on all of them.

    Args:
        files: JPEGs.
        min_side: what the short side must keep, in pixels.
        threads: how many cores there are.

    Returns:
        Pictures per second by what did it.
    """

    def one(data: bytes) -> object:
        return decode(io.BytesIO(data), min_side=min_side)

    return {
        "one core": _rate(files, lambda batch: [one(data) for data in batch]),
        "all cores": _rate(files, lambda batch: _on_threads(one, batch, threads)),
    }


def _on_threads(work: Callable[[bytes], object], batch: Sequence[bytes], threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, batch))


def _rate(files: Sequence[bytes], work: Callable[[Sequence[bytes]], object]) -> float:
    done, started = 0, time.perf_counter()
    batch = list(files[:32])
    while (elapsed := time.perf_counter() - started) < _SECONDS:
        work(batch)
        done += len(batch)
    return round(done / elapsed, 2) if done else 0.0
