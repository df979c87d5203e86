"""A whole listing in outline, so that 100,000 pictures can be laid out before any is shown."""

from dataclasses import dataclass
from itertools import accumulate

from django.db.models import Count, F
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Round, TruncDate

from webapp.models import Project
from webapp.selectors import listings
from webapp.selectors.listings import Listing, Query
from webapp.selectors.ordering import Sort


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
    listing = listings.ordered(project, query)
    shapes = list(listing.in_order.values_list("pk", "width", "height"))
    return Outline(
        ids=[image_id for image_id, _, _ in shapes],
        widths=[100 * width // (height or 1) for _, width, height in shapes],
        marks=_marks(listing),
    )


def _marks(listing: Listing) -> list[tuple[int, str]]:
    value = _VALUES.get(listing.sort)
    if value is None:
        return []
    grouped = (
        listing.in_order.order_by()
        .values(mark=value)
        .annotate(count=Count("pk"))
        .values_list("mark", "count")
    )
    groups = sorted(grouped, reverse=listing.sort.is_descending)
    places = accumulate((count for _, count in groups), initial=0)
    return [
        (place, f"{mark:.0f}" if listing.sort.needs_concept else mark.isoformat())
        for place, (mark, _) in zip(places, groups, strict=False)
    ]


_PERCENT = Round(F("sort_value") * 100)
_VALUES: dict[Sort, Combinable] = {
    Sort.NEWEST: TruncDate("created_at"),
    Sort.OLDEST: TruncDate("created_at"),
    Sort.TAKEN: TruncDate(Coalesce("taken_at", "created_at")),
    Sort.MOST_LIKELY: _PERCENT,
    Sort.LEAST_LIKELY: _PERCENT,
    Sort.UNCERTAIN: _PERCENT,
}
