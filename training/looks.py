"""What can be told of a picture without any network: its fingerprint for the eye, light, focus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_HASH_SIDE = 8
_JUDGED_SIDE = 256
# Tiles with less contrast than this (a wall, the sky) say nothing about focus.
_TILE = 32


@dataclass(frozen=True)
class Looks:
    """How a picture looks.

    Attributes:
        hash: 64 bits as a signed integer; the fewer differ, the more two pictures look alike.
        brightness: mean luminance, 0 to 1.
        contrast: standard deviation of the luminance, 0 to 0.5.
        sharpness: how strong the finest edges of its sharpest parts are, for the contrast there is.
    """

    hash: int
    brightness: float
    contrast: float
    sharpness: float


def look(image: Image.Image) -> Looks:
    """Look at an RGB picture."""
    small = image.copy()
    small.thumbnail((_JUDGED_SIDE, _JUDGED_SIDE), Image.Resampling.BILINEAR)
    luminance = np.asarray(small.convert("L"), np.float32) / np.float32(255)
    return Looks(
        hash=difference_hash(image),
        brightness=float(luminance.mean()),
        contrast=float(luminance.std()),
        sharpness=_sharpness(luminance),
    )


def difference_hash(image: Image.Image) -> int:
    """Hash whether each of 8 × 8 places is brighter than the next.

    Source: Krawetz, "Kind of like that" (2013). Scaling and compression change few bits.
    """
    small = image.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.BOX)
    grey = np.asarray(small, np.int16)
    bits = np.packbits(grey[:, 1:] > grey[:, :-1])
    return int(bits.view(">i8")[0])


def differing_bits(hashes: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Count differing bits of hashes, broadcast against each other."""
    return np.asarray(np.bitwise_count(hashes ^ others), np.uint8)


def _sharpness(luminance: NDArray[np.float32]) -> float:
    """Compare the Laplacian with the contrast, tile by tile; the sharper tiles count.

    The variance of the Laplacian is the usual measure (Pech-Pacheco et al., ICPR 2000); of the
    sharper tiles only, since a blurred background is no fault.
    """
    if min(luminance.shape) < 3:
        return 0.0
    centre = luminance[1:-1, 1:-1]
    around = luminance[:-2, 1:-1] + luminance[2:, 1:-1] + luminance[1:-1, :-2] + luminance[1:-1, 2:]
    laplacian = 4 * centre - around
    ratios = _tile_deviations(laplacian) / (_tile_deviations(centre) + 0.02)
    return float(np.percentile(ratios, 90))


def _tile_deviations(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the standard deviation in each tile; those at the edges may be smaller."""
    rows, columns = (np.arange(0, length, _TILE) for length in values.shape)

    def summed(of: NDArray[np.float64]) -> NDArray[np.float64]:
        down = np.add.reduceat(of, rows, axis=0)
        return np.asarray(np.add.reduceat(down, columns, axis=1), np.float64)

    exact = values.astype(np.float64)
    counts = summed(np.ones_like(exact))
    variances = summed(exact**2) / counts - (summed(exact) / counts) ** 2
    return np.asarray(np.sqrt(np.maximum(variances, 0)), np.float64)
