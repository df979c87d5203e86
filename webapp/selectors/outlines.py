"""A whole listing in outline, so that 100,000 pictures can be laid out before any is shown."""

from dataclasses import dataclass
from itertools import accumulate

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Round, TruncDate

from webapp.models import Image, Project
from webapp.selectors import gallery
from webapp.selectors.gallery import Query, Sort


@dataclass(frozen=True)
class Outline:
    """All that match, in order.

    Attributes:
        ids: of the pictures.
        widths: theirs, in percent of their heights.
        marks: (place, value) where another date or another percentage begins.
    """

    ids: list[int]
    widths: list[int]
    marks: list[tuple[int, str]]


def outline(project: Project, query: Query) -> Outline:
    """Return the outline of a listing, in two queries more than it takes to know its order.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    ordered = gallery.ordered(project, query)
    shapes = list(ordered.values_list("pk", "width", "height"))
    return Outline(
        ids=[image_id for image_id, _, _ in shapes],
        widths=[100 * width // (height or 1) for _, width, height in shapes],
        marks=_marks(ordered, query.sort),
    )


def _marks(ordered: QuerySet[Image], sort: Sort) -> list[tuple[int, str]]:
    value = Round(F("sort_value") * 100) if sort.needs_concept else TruncDate("created_at")
    grouped = (
        ordered.order_by()
        .values(mark=value)
        .annotate(count=Count("pk"))
        .values_list("mark", "count")
    )
    groups = sorted(grouped, reverse=sort in {Sort.NEWEST, Sort.MOST_LIKELY})
    places = accumulate((count for _, count in groups), initial=0)
    return [
        (place, f"{mark:.0f}" if sort.needs_concept else mark.isoformat())
        for place, (mark, _) in zip(places, groups, strict=False)
    ]
