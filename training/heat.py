"""Evidence as a picture that can be laid over the one it was found in."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

_WEAK = np.array([255, 205, 60], np.float32)
_STRONG = np.array([255, 45, 20], np.float32)
_MAX_ALPHA = 185
# Logits per cell under which the strongest cell counts as weak: noise must not look like a find.
_FLOOR = 0.02


def as_png(evidence: Floats) -> bytes:
    """Draw evidence for a concept: transparent where there is none, yellow to red where there is.

    Args:
        evidence: ``(H, W)`` logits per cell; what speaks against the concept is left out.

    Returns:
        An RGBA PNG of the same size.
    """
    strongest = max(float(np.percentile(evidence, 99.5)), _FLOOR)
    strength = np.clip(evidence / strongest, 0, 1)[..., None]
    colour = _WEAK + (_STRONG - _WEAK) * strength
    pixels = np.concatenate([colour, strength * _MAX_ALPHA], axis=-1).round().astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
