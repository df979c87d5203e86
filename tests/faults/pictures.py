"""Pictures for the load, each unlike any other, and one that no decoder gets through."""

import io

import numpy as np
from PIL import Image, ImageDraw

_SIZE = (320, 240)
_START_OF_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_TILES = ((1, 2), (2, 1), (1, 8), (8, 1), (3, 4), (6, 8), (15, 20), (60, 80))
_POISON_SIDE, _POISON_SCANS = 10_000, 3_000


def picture(number: int, run: int) -> bytes:
    """Draw a disc where the number is even and a square where it is odd."""
    random = np.random.default_rng([run, number])
    ground = Image.fromarray(random.integers(60, 110, (_SIZE[1], _SIZE[0], 3), dtype=np.uint8))
    left, top = (int(random.integers(0, side // 2)) for side in _SIZE)
    box, draw = (left, top, left + 110, top + 110), ImageDraw.Draw(ground)
    (draw.rectangle if number % 2 else draw.ellipse)(box, fill="white" if number % 2 else "red")
    buffer = io.BytesIO()
    ground.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def mosaic(number: int, run: int, *, is_warm: bool) -> bytes:
    """Draw a mosaic of reds or of blues; each number has tiles of a shape of its own."""
    random = np.random.default_rng([run, number, int(is_warm)])
    shape = _TILES[number % len(_TILES)]
    tiles = random.integers(0, 90, (*shape, 3), dtype=np.uint8)
    tiles[..., 0 if is_warm else 2] = random.integers(120, 255, shape)
    buffer = io.BytesIO()
    Image.fromarray(tiles).resize(_SIZE, Image.Resampling.NEAREST).save(buffer, "JPEG")
    return buffer.getvalue()


def poison() -> bytes:
    """Return a small JPEG whose last scan comes thousands of times: minutes of work for each pass.

    Its header is that of a harmless picture, so only who decodes it finds out.
    """
    buffer = io.BytesIO()
    Image.new("L", (_POISON_SIDE, _POISON_SIDE), 90).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data.rindex(_START_OF_SCAN)
    scan = data[last : -len(_END)]
    return data[:last] + scan * _POISON_SCANS + _END
