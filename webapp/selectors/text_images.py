"""Pictures that show what a text says, as a text-image model sees it."""

from __future__ import annotations

import logging
import math

from webapp.errors import PupilError
from webapp.learning import text_images
from webapp.models import Project, TextDirection
from webapp.selectors import search

logger = logging.getLogger(__name__)

_MOST = 200


def direction(text: str) -> TextDirection | None:
    """Return where pictures of what a text says lie; None where no model has read it."""
    if not text_images.is_on():
        return None
    try:
        fingerprint = text_images.fingerprint()
    except PupilError as error:
        logger.warning("free text finds tags only: %s", error.message)
        return None
    return TextDirection.objects.filter(fingerprint=fingerprint, text=text).first()


def seen(project: Project, direction: TextDirection) -> dict[int, float]:
    """Return the likeliest pictures that a text fits better than none, with how likely it is."""
    nearest = search.like_vector(
        project,
        direction.vector,
        limit=_MOST,
        fingerprint=direction.fingerprint,
        is_exact=True,
    )
    return {
        image_id: 1 / (1 + math.exp(-direction.strength * cosine))
        for image_id, cosine in nearest
        if cosine > 0
    }
