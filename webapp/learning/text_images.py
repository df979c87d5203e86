"""The text-image model, where one is in use: free text finds what pictures show."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from webapp.learning.errors import in_our_errors

if TYPE_CHECKING:
    from training.text_image import Direction, TextImageModel


def is_on() -> bool:
    return bool(settings.TEXT_IMAGE_MODEL)


@cache
def fingerprint() -> str:
    """Return what its vectors are known by; needs no torch.

    Raises:
        Invalid: it is not there.
    """
    from training.text_image import text_image_fingerprint

    with in_our_errors():
        return text_image_fingerprint(settings.TEXT_IMAGE_MODEL)


@cache
def model() -> TextImageModel:
    """Return this process's model, loaded at first use.

    Raises:
        Invalid: it is not there, or its package is not installed.
    """
    from training.text_image import TextImageModel

    with in_our_errors():
        return TextImageModel.load(settings.TEXT_IMAGE_MODEL)


def direction(text: str) -> Direction:
    """Return where pictures of something lie."""
    return model().embed_text(text)
