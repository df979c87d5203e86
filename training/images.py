"""Bytes to RGB: formats, orientation, size limits, thumbnails.

The content decides what a file is; its name is never looked at. Only the formats listed here are
ever opened, so that no exotic decoder (EPS through Ghostscript, for one) is reachable.
"""

import io
import math
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from training.errors import ImageError
from training.exif import ORIENTATION, orientation, taken_at
from training.formats import ALLOWED, FORMATS, foreign_format

pillow_heif.register_heif_opener(thumbnails=False)

_SIDEWAYS = {5, 6, 7, 8}
# Pillow's TIFF reader already gives the size as it stands upright.
_UPRIGHT_FORMATS = {"TIFF"}
_SCALED_FORMATS = {"JPEG", "MPO"}
_STRIP_ROWS = 256


@dataclass(frozen=True)
class ImageLimits:
    """What is accepted; the defaults keep a worker under 1.5 GB.

    Attributes:
        max_bytes: of the file.
        max_jpeg_pixels: of a JPEG, which is decoded at the size that is needed.
        max_pixels: of every other format, which must be decoded whole first.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_jpeg_pixels: int = 110_000_000
    max_pixels: int = 50_000_000

    def pixels_of(self, format_name: str | None) -> int:
        """Return the limit of a format, by Pillow's name."""
        return self.max_jpeg_pixels if format_name in _SCALED_FORMATS else self.max_pixels


@dataclass(frozen=True)
class ImageInfo:
    """What the header says.

    Attributes:
        format: its name.
        content_type: for browsers.
        extension: for files, without a dot.
        width: of the upright picture.
        height: of the upright picture.
        taken_at: when, by the camera's clock, which seldom knows its time zone.
    """

    format: str
    content_type: str
    extension: str
    width: int
    height: int
    taken_at: datetime | None = None


@dataclass(frozen=True)
class Rendition:
    """An encoded picture, ready to store."""

    data: bytes
    content_type: str
    extension: str
    width: int
    height: int


DEFAULT_LIMITS = ImageLimits()
# Pillow warns above this and refuses above twice this before anything is decoded.
Image.MAX_IMAGE_PIXELS = DEFAULT_LIMITS.max_jpeg_pixels


def probe(file: BinaryIO, limits: ImageLimits = DEFAULT_LIMITS) -> ImageInfo:
    """Read the header only.

    Args:
        file: seekable; left at its start.
        limits: what is accepted.

    Raises:
        ImageError: the file is no picture that can be used.
    """
    with _opened(file, limits) as image:
        width, height = image.size
        if orientation(image) in _SIDEWAYS and image.format not in _UPRIGHT_FORMATS:
            width, height = height, width
        known = FORMATS[image.format or ""]
        return ImageInfo(
            known.name, known.content_type, known.extension, width, height, taken_at(image)
        )


def decode(
    file: BinaryIO,
    *,
    min_side: int | None = None,
    min_long_side: int = 0,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Image.Image:
    """Decode the first frame to upright RGB, transparent parts over white.

    Args:
        file: seekable; left at its start.
        min_side: where given, the picture may come back smaller, but its short side keeps at
            least this many pixels (or its own, if that is less). Much faster for JPEG.
        min_long_side: what the long side keeps then, likewise.
        limits: what is accepted.

    Raises:
        ImageError: the file is no picture that can be used.
    """
    with _opened(file, limits) as image:
        if min_side is not None:
            scale = max(min_side / min(image.size), min_long_side / max(image.size))
            image.draft(None, (_ceil(image.width * scale), _ceil(image.height * scale)))
        image.load()
        plain = _eight_bit(image)
        if min_side is not None:
            by_long_side = max(plain.size) // min_long_side if min_long_side else math.inf
            factor = int(min(min(plain.size) // min_side, by_long_side))
            plain = plain.reduce(factor) if factor > 1 else plain
        return _upright(_flat(plain), orientation(image))


def thumbnail(image: Image.Image, *, max_side: int = 512) -> Rendition:
    """Encode a small JPEG of an RGB picture."""
    small = image.copy()
    small.thumbnail((max_side, max_side), Image.Resampling.BICUBIC, reducing_gap=1.0)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    known = FORMATS["JPEG"]
    return Rendition(
        buffer.getvalue(), known.content_type, known.extension, small.width, small.height
    )


@contextmanager
def _opened(file: BinaryIO, limits: ImageLimits) -> Iterator[Image.Image]:
    """Open with the checks that need no decoding, and turn every failure into an ImageError."""
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size_bytes == 0:
        raise ImageError("empty_file", "The file is empty.")
    if size_bytes > limits.max_bytes:
        raise ImageError(
            "file_too_large",
            f"The file has {size_bytes / 1e6:.0f} MB; the limit is {limits.max_bytes / 1e6:.0f}.",
        )
    try:
        with warnings.catch_warnings():
            # Odd metadata and large sizes are judged here, not in the log.
            warnings.simplefilter("ignore")
            with Image.open(file, formats=ALLOWED) as image:
                if image.width * image.height > limits.pixels_of(image.format):
                    raise _too_many_pixels(image.size, limits.pixels_of(image.format))
                yield image
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise _unidentified(file) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(None, limits.max_jpeg_pixels) from error
    except Exception as error:
        # Decoders raise nearly anything on broken files (OSError, SyntaxError, IndexError…).
        raise _broken(error) from error
    finally:
        file.seek(0)


def _unidentified(file: BinaryIO) -> ImageError:
    file.seek(0)
    name = foreign_format(file.read(4096))
    if name is None:
        return ImageError("not_an_image", "The file is not a picture, or is damaged.")
    return ImageError(
        "unsupported_format", f"{name} files are not supported; save the picture as JPEG or PNG."
    )


def _too_many_pixels(size: tuple[int, int] | None, max_pixels: int) -> ImageError:
    has = f"{size[0]} × {size[1]} pixels" if size else "far too many pixels"
    limit = f"{max_pixels / 1e6:.0f} million"
    return ImageError("too_many_pixels", f"The picture has {has}; the limit is {limit}.")


def _broken(error: Exception) -> ImageError:
    text = str(error).lower()
    short = isinstance(error, EOFError | struct.error)
    if short or any(word in text for word in ("truncated", "end of file", "eof", "not enough")):
        return ImageError("truncated_image", "The picture is cut off; part of the file is missing.")
    return ImageError("decode_failed", "The picture is damaged and cannot be read.")


def _upright(image: Image.Image, turn: int) -> Image.Image:
    image.getexif()[ORIENTATION] = turn
    upright = ImageOps.exif_transpose(image)
    upright.info.clear()
    return upright


def _eight_bit(image: Image.Image) -> Image.Image:
    """Bring every mode to one that can be shrunk, such as L, RGB, RGBA or CMYK."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        values = np.asarray(image)
        # Integer modes hold 16-bit samples; floats have no agreed range, so their own is used.
        top = 65535.0 if image.mode != "F" else max(_largest(values), 1e-12)
        return Image.fromarray(_scaled(values, top))
    if image.mode in {"P", "PA", "1"}:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _largest(values: NDArray[Any]) -> float:
    return max(float(np.nan_to_num(rows).max()) for rows in _strips(values))


def _scaled(values: NDArray[Any], top: float) -> NDArray[np.uint8]:
    """Bring 0 to ``top`` to a byte's range, strip by strip: whole, floats would take four times."""
    scaled = np.empty(values.shape, np.uint8)
    for rows, to in zip(_strips(values), _strips(scaled), strict=True):
        to[:] = np.nan_to_num(rows).clip(0, top) * np.float32(255 / top)
    return scaled


def _strips(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (values[start : start + _STRIP_ROWS] for start in range(0, len(values), _STRIP_ROWS))


def _flat(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def _ceil(value: float) -> int:
    return int(-(-value // 1))
