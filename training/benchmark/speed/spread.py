"""Many timings in a few numbers."""

from collections.abc import Sequence

import numpy as np


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 95th percentile in milliseconds, and how many there were."""
    if not seconds:
        return {"count": 0}
    p50, p95 = np.percentile(np.asarray(seconds) * 1000, [50, 95])
    return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2), "count": len(seconds)}
