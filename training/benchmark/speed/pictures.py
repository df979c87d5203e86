"""JPEGs to measure with: a folder's, or made up so that they weigh what photos do."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

_OCTAVES = (4, 16, 64, 256)
_GRAIN = 5.0  # of the sensor, in grey levels
_BASES = 4
_MARKED_BYTES = 16


@dataclass(frozen=True)
class Photos:
    """JPEG files that are told apart by a few bytes behind their end, so that none is known twice.

    Attributes:
        name: what they are.
        files: the different pictures; more are made of them by other endings.
    """

    name: str
    files: Sequence[bytes]

    def unlike(self, number: int) -> bytes:
        """Return a file that is like no other in this process's life."""
        mark = number.to_bytes(_MARKED_BYTES // 2, "big") + np.random.default_rng().bytes(8)
        return self.files[number % len(self.files)] + mark


def of_folder(folder: Path, *, limit: int) -> Photos:
    """Read a folder's JPEGs, in the order of their names."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg"})[:limit]
    return Photos(folder.name, [path.read_bytes() for path in paths])


def made_up(width: int, height: int, *, count: int) -> Photos:
    """Draw clouds of several sizes with a camera's grain: JPEGs of about 2 bits a pixel."""
    random = np.random.default_rng(0)
    bases = [_clouds(width, height, random) for _ in range(min(count, _BASES))]
    files = []
    for number in range(count):
        picture = bases[number % len(bases)]
        shifted = np.roll(picture, int(random.integers(width)), axis=1)
        buffer = io.BytesIO()
        Image.fromarray(shifted).save(buffer, "JPEG", quality=90)
        files.append(buffer.getvalue())
    return Photos(f"made up, {width} × {height}", files)


def _clouds(width: int, height: int, random: np.random.Generator) -> np.ndarray:
    total = np.zeros((height, width, 3), np.float32)
    for octave in _OCTAVES:
        small = random.integers(0, 256, (octave * 3 // 4, octave, 3), dtype=np.uint8)
        grown = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(grown, np.float32) / len(_OCTAVES)
    total += random.normal(0, _GRAIN, total.shape)
    return np.asarray(total.clip(0, 255), np.uint8)
