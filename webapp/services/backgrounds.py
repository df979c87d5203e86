"""A background for a backbone that brings none: built once, from pictures that are here."""

from collections.abc import Iterator
from typing import IO

from django.core.files.storage import default_storage
from django.db.models import Window
from django.db.models.functions import Random, RowNumber

from webapp import learning
from webapp.errors import Invalid
from webapp.models import Image

MOST_PICTURES = 500


def build() -> None:
    """Build the background of the backbone in use; processes know it once restarted.

    Raises:
        Invalid: it has one, or there are too few pictures.
    """
    if learning.has_background():
        learning.share_background()
        raise Invalid(f"{learning.backbone()} has its background.", code="background_exists")
    learning.build_background(_pictures())


def _pictures() -> Iterator[IO[bytes]]:
    """Open pictures drawn from all projects in turn: none should set what is usual alone."""
    turn = Window(RowNumber(), partition_by="project_id", order_by=Random().asc())
    ready = Image.objects.filter(status=Image.Status.READY, project__erased_at=None)
    for name in (
        ready.annotate(turn=turn)
        .order_by("turn")
        .values_list("original", flat=True)[:MOST_PICTURES]
    ):
        try:
            with default_storage.open(name) as file:
                yield file
        except OSError:  # deleted meanwhile
            continue
