"""Which backbone is in use, and what it knows of pictures in general."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from django.conf import settings

from webapp.errors import Invalid, PupilError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from training.backbones import BackboneSpec
    from training.background import Background


def backbone() -> str:
    """Return the name of the backbone in use."""
    from training.backbones import DEFAULT_BACKBONE

    return settings.BACKBONE or DEFAULT_BACKBONE


def spec() -> BackboneSpec:
    from training.backbones import get_spec

    return get_spec(backbone(), settings.LEARNING_BACKGROUNDS)


def background() -> Background:
    from training.background import load_background

    return load_background(backbone(), settings.LEARNING_BACKGROUNDS)


def has_background() -> bool:
    """Say whether the backbone in use knows what pictures in general are like."""
    return spec().background_path.exists()


def build_background(files: Iterable[IO[bytes]]) -> None:
    """Learn from pictures what pictures in general are like. Processes know it once restarted.

    Raises:
        Invalid: there are too few that can be read.
    """
    from training.background import save_background
    from training.background_building import background_from, pictures_min_side
    from training.errors import LearningError
    from webapp.learning import decode_apart

    def decoded() -> Iterator[Picture]:
        for file in files:
            with suppress(PupilError):
                yield decode_apart(file, min_side=pictures_min_side(spec()))

    try:
        built = background_from(spec(), decoded())
    except LearningError as error:
        raise Invalid(error.message, code=error.code) from error
    save_background(built, spec().background_path)
