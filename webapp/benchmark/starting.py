"""How long a worker takes from nothing to its first picture, once the networks were converted."""

import subprocess
import sys

import numpy as np
from django.conf import settings

from webapp.benchmark.client import timed
from webapp.benchmark.measured import Figures

_STARTS = 5
_LOAD = """
import time
import django
django.setup()
ready = time.perf_counter()
from webapp import learning
learning.embedder()
print(time.perf_counter() - ready)
"""


def measure_starts(figures: Figures) -> None:
    """Start Python, Django and the networks in processes of their own."""
    whole, networks = zip(*(timed(_load) for _ in range(_STARTS)), strict=True)
    figures.add(
        "start",
        "a worker, from nothing to loaded",
        {
            "median_s": round(float(np.median(whole)), 2),
            "worst_s": round(max(whole), 2),
            "of it networks_s": round(float(np.median(networks)), 2),
        },
    )


def _load() -> float:
    done = subprocess.run(  # noqa: S603  ourselves
        [sys.executable, "-c", _LOAD],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)
