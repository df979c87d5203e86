"""The one door to `training`. It imports inside its functions: the web process has no torch.

Everything here speaks in bytes, arrays and plain values, and raises `PupilError`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import IO, TYPE_CHECKING, BinaryIO, TypeVar, cast

from django.conf import settings

from webapp.errors import Invalid, TooLarge
from webapp.learning.backgrounds import (
    backbone,
    background,
    background_dir,
    build_background,
    has_background,
    share_background,
    spec,
)
from webapp.learning.fitting import fit, influence, warm_up_fitting
from webapp.learning.heads import (
    Record,
    check_artifact,
    decided,
    dump_head,
    load_head,
    load_record,
    parse_head,
    parse_record,
)
from webapp.learning.judging import Verdicts, f1_of, implied, paired
from webapp.learning.refining import embedder_of, refine, refined_embedder
from webapp.learning.viewing import embed_views, most_viewed, views_min_side

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

    from training.decoder import Decoders
    from training.embed import Description, Embedder
    from training.heads import Head
    from training.images import ImageInfo, ImageLimits, Rendition
    from training.looks import Looks

__all__ = [
    "Record",
    "Verdicts",
    "backbone",
    "build_background",
    "check_artifact",
    "decided",
    "decode",
    "dimensions",
    "display",
    "dump_head",
    "embed",
    "embed_views",
    "embedder",
    "embedder_of",
    "f1_of",
    "fingerprint",
    "fit",
    "has_background",
    "implied",
    "influence",
    "load_head",
    "load_record",
    "most_viewed",
    "paired",
    "parse_head",
    "parse_record",
    "probe",
    "refine",
    "refined_embedder",
    "share_background",
    "thumbnail",
    "views_min_side",
    "warm_up_fitting",
    "where",
]

K = TypeVar("K", bound=Hashable)

THUMBNAIL_MAX_SIDE = 512
# A little less will do: cameras' 4000 and 4032 pixels, an eighth as large, just miss it, and at the
# next size they have four times as many pixels to decode, shrink and look at.
LONG_SIDE = 488
DISPLAY_MAX_SIDE = KEPT_MAX_SIDE = 2048


@contextmanager
def _in_our_errors() -> Iterator[None]:
    from training.errors import TrainingError

    try:
        yield
    except TrainingError as error:
        kind = TooLarge if error.code in {"file_too_large", "too_many_pixels"} else Invalid
        raise kind(error.message, code=error.code) from error


@cache
def _limits() -> ImageLimits:
    from training.images import ImageLimits

    return ImageLimits(max_bytes=settings.MAX_IMAGE_BYTES)


@cache
def fingerprint() -> str:
    """Return what the vectors of this installation are known by."""
    with _in_our_errors():
        return spec().fingerprint


@cache
def dimensions() -> int:
    """Return how many numbers a vector has."""
    return spec().dimensions


def probe(file: IO[bytes]) -> ImageInfo:
    """Read a picture's header.

    Raises:
        Invalid: the file is no picture that can be used.
        TooLarge: it has too many bytes or pixels.
    """
    from training import images

    with _in_our_errors():
        return images.probe(cast("BinaryIO", file), _limits())


def decode(file: IO[bytes], *, min_side: int = 0) -> Picture:
    """Decode a picture to upright RGB, no larger than thumbnail and network need.

    Args:
        file: the picture's bytes.
        min_side: keep more of the short side, where the network is to look at parts.

    Raises:
        Invalid: it is broken.
    """
    min_side = max(min_side, embedder().min_side)
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
def _decoders() -> Decoders:
    """Return this process's decoders, started at first use."""
    from training.decoder import Decoders

    return Decoders()


def decode_apart(file: IO[bytes], **options: int) -> Picture:
    """Decode a whole file in a process that may die of it."""
    file.seek(0)
    data = file.read()
    file.seek(0)
    with _in_our_errors():
        picture: Picture = _decoders().decode(data, limits=_limits(), **options)
    return picture


@cache
def embedder() -> Embedder:
    """Return this process's embedder, loaded at first use: the one thing here that needs torch."""
    from training.embed import Embedder

    with _in_our_errors():
        return Embedder.load(
            backbone(),
            cache_dir=settings.LEARNING_CACHE,
            background_dir=background_dir(),
            threads=settings.LEARNING_THREADS or None,
            streams=settings.LEARNING_STREAMS,
        )


def embed(pictures: Mapping[K, Picture]) -> dict[K, np.ndarray]:
    """Return the unit vector (D,) float32 of each picture, by its key."""
    return embedder().embed(pictures)


def describe(pictures: Mapping[K, Picture]) -> dict[K, Description]:
    """Return the vector and the general tags of each picture, by its key."""
    return embedder().describe(pictures)


def look(picture: Picture) -> Looks:
    """Return how a picture looks to the eye: its perceptual hash, light and focus."""
    from training import looks

    return looks.look(picture)


def where(picture: Picture, head: Head, column: int) -> bytes:
    """Return a PNG in a picture's proportions of what in it speaks for one of a head's concepts.

    Raises:
        Invalid: this backbone can't tell.
    """
    from training.explain import explain
    from training.heat import as_png

    with _in_our_errors():
        evidence = explain(
            picture,
            head.concepts[column],
            head=head,
            spec=spec(),
            background=background(),
        )
    return as_png(evidence)
