"""Networks: which one reads pictures, and any other that something here was learned with."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings

from webapp.learning.backgrounds import (
    backbone,
    background,
    background_dir,
    name_of,
    names,
    spec,
)
from webapp.learning.errors import in_our_errors

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from training.embed import Description, Embedder
    from training.heads import Head

K = TypeVar("K", bound=Hashable)


@cache
def fingerprint() -> str:
    """Return what the vectors are known by that pictures are read into."""
    with in_our_errors():
        return spec().fingerprint


def is_here(known_by: str) -> bool:
    """Say whether vectors known by this can be made here."""
    return known_by == fingerprint() or known_by in names()


@cache
def dimensions(known_by: str = "") -> int:
    """Return how many numbers a vector has, of a backbone or of that which pictures are read with.

    Raises:
        Conflict: the backbone is not here.
    """
    return spec(name_of(known_by) if known_by else "").dimensions


@cache
def embedder() -> Embedder:
    """Return this process's embedder, loaded at first use: the one thing here that needs torch."""
    return _loaded(backbone())


def embedder_for(known_by: str) -> Embedder:
    """Return what makes vectors known by a fingerprint.

    Raises:
        Conflict: its backbone is not here.
    """
    return embedder() if known_by == fingerprint() else _other(name_of(known_by))


@lru_cache(maxsize=1)
def _other(name: str) -> Embedder:
    """Return the backbone that was in use before, while it is asked for."""
    return _loaded(name)


def _loaded(name: str) -> Embedder:
    from training.embed import Embedder

    with in_our_errors():
        return Embedder.load(
            name,
            cache_dir=settings.LEARNING_CACHE,
            background_dir=background_dir(name),
            threads=settings.LEARNING_THREADS or None,
            streams=settings.LEARNING_STREAMS,
        )


def describe(pictures: Mapping[K, Picture]) -> dict[K, Description]:
    """Return the vector and the general tags of each picture, by its key."""
    return embedder().describe(pictures)


def where(picture: Picture, head: Head, column: int) -> bytes:
    """Return a PNG in a picture's proportions of what in it speaks for one of a head's concepts.

    Raises:
        Conflict: it was learned with a backbone that is not here.
        Invalid: this backbone can't tell.
    """
    from training.explain import explain
    from training.heat import as_png

    with in_our_errors():
        evidence = explain(
            picture,
            head.concepts[column],
            head=head,
            spec=spec(name_of(head.fingerprint)),
            background=background(name_of(head.fingerprint)),
        )
    return as_png(evidence)
