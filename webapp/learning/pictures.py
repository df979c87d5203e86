"""Pictures as pixels: what a file says of itself, decoded apart, and made smaller."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from django.conf import settings

from webapp.learning import networks
from webapp.learning.errors import in_our_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image as Picture

    from training.decoder import Decoders
    from training.images import ImageInfo, ImageLimits, Rendition
    from training.looks import Looks

THUMBNAIL_MAX_SIDE = 512
# A little less will do: cameras' 4000 and 4032 pixels, an eighth as large, just miss it, and at the
# next size they have four times as many pixels to decode, shrink and look at.
LONG_SIDE = 488
DISPLAY_MAX_SIDE = KEPT_MAX_SIDE = 2048

_LARGE_PIXELS, _LARGE_JPEG_PIXELS = 8_000_000, 40_000_000
_one_large = threading.Lock()


def probe(file: IO[bytes]) -> ImageInfo:
    """Read a picture's header.

    Raises:
        Invalid: the file is no picture that can be used.
        TooLarge: it has too many bytes or pixels.
    """
    from training import images

    with in_our_errors():
        return images.probe(cast("BinaryIO", file), limits())


def decode(file: IO[bytes], *, min_side: int = 0) -> Picture:
    """Decode a picture to upright RGB, no larger than thumbnail and network need.

    Args:
        file: the picture's bytes.
        min_side: keep more of the short side, where the network is to look at parts.

    Raises:
        Invalid: it is broken.
    """
    min_side = max(min_side, networks.embedder().min_side)
    picture = decode_apart(file, min_side=min_side, min_long_side=LONG_SIDE)
    # A long strip keeps all its length for a short side that is small already.
    picture.thumbnail((KEPT_MAX_SIDE, KEPT_MAX_SIDE))
    return picture


def crop(picture: Picture, box: Sequence[float]) -> Picture:
    """Return the part of a picture in a box, given as shares of its width and height."""
    left, top, right, bottom = box
    width, height = picture.size
    x, y = min(int(left * width), width - 1), min(int(top * height), height - 1)
    return picture.crop(
        (x, y, max(x + 1, round(right * width)), max(y + 1, round(bottom * height)))
    )


def thumbnail(picture: Picture) -> Rendition:
    from training import images

    return images.thumbnail(picture, max_side=THUMBNAIL_MAX_SIDE)


def display(file: IO[bytes]) -> Rendition:
    """Return what a browser can show of a picture whose format it does not know.

    Raises:
        Invalid: it is broken.
    """
    from training import images

    picture = decode_apart(file, min_side=DISPLAY_MAX_SIDE)
    return images.thumbnail(picture, max_side=DISPLAY_MAX_SIDE)


@cache
def limits() -> ImageLimits:
    """Return what is accepted of a file."""
    from training.images import ImageLimits

    return ImageLimits(max_bytes=settings.MAX_IMAGE_BYTES)


@cache
def _decoders() -> Decoders:
    """Return this process's decoders, started at first use."""
    from training.decoder import Decoders

    return Decoders()


def decode_apart(file: IO[bytes], **options: int) -> Picture:
    """Decode a whole file in a process that may die of it.

    Raises:
        Invalid: it is no picture that can be used.
        TooLarge: it has too many bytes or pixels.
    """
    info = probe(file)
    file.seek(0)
    data = file.read()
    file.seek(0)
    with _room_for(info), in_our_errors():
        picture: Picture = _decoders().decode(data, limits=limits(), **options)
    return picture


@contextmanager
def _room_for(info: ImageInfo) -> Iterator[None]:
    """Let one picture at a time be decoded that takes hundreds of megabytes.

    JPEGs are decoded at the size that is needed; of large ones that come in scans, all is kept.
    """
    most = _LARGE_JPEG_PIXELS if info.content_type == "image/jpeg" else _LARGE_PIXELS
    with _one_large if info.width * info.height > most else nullcontext():
        yield


def look(picture: Picture) -> Looks:
    """Return how a picture looks to the eye: its perceptual hash, light and focus."""
    from training import looks

    return looks.look(picture)
