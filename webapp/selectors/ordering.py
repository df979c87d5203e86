"""The orders a gallery can have, and the cursors that go on in them."""

import heapq
from enum import StrEnum
from itertools import islice

from django.db.models import F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import Abs, Coalesce

from webapp.errors import Invalid
from webapp.models import Image
from webapp.selectors import cursors

_PROBABILITY = "sort_probability"
_ROUNDING = 1e-9  # a distance that is added to its threshold again


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    TAKEN = "taken"
    MOST_LIKELY = "-probability"
    LEAST_LIKELY = "probability"
    UNCERTAIN = "uncertain"
    MATCH = "match"
    SIMILAR = "similar"

    @property
    def needs_concept(self) -> bool:
        return self in {Sort.MOST_LIKELY, Sort.LEAST_LIKELY, Sort.UNCERTAIN}

    @property
    def is_by_arrival(self) -> bool:
        return self in {Sort.NEWEST, Sort.OLDEST}

    @property
    def is_descending(self) -> bool:
        return self in {Sort.NEWEST, Sort.TAKEN, Sort.MOST_LIKELY, Sort.MATCH}


def by_probability(found: QuerySet[Image], sort: Sort, threshold: float) -> QuerySet[Image]:
    """Give pictures joined with one concept's predictions their `sort_value`."""
    value = F("predictions__probability")
    if sort is Sort.UNCERTAIN:
        return found.annotate(**{_PROBABILITY: value}, sort_value=Abs(value - Value(threshold)))
    return found.annotate(sort_value=value)


def by_date(found: QuerySet[Image]) -> QuerySet[Image]:
    """Give pictures the `sort_value` of when they were taken or, where unknown, added."""
    taken = Func(
        Coalesce("taken_at", "created_at"),
        template="EXTRACT(EPOCH FROM %(expressions)s)::float8",
        output_field=FloatField(),
    )
    return found.annotate(sort_value=taken)


def ordered(found: QuerySet[Image], sort: Sort) -> QuerySet[Image]:
    """Order pictures by their `sort_value`, or by arrival."""
    sign = "-" if sort.is_descending else ""
    return (
        found.order_by(f"{sign}id")
        if sort.is_by_arrival
        else found.order_by(f"{sign}sort_value", f"{sign}id")
    )


def after(found: QuerySet[Image], sort: Sort, cursor: str) -> QuerySet[Image]:
    """Keep what comes after a cursor.

    Raises:
        Invalid: the cursor is none of ours, or of another order.
    """
    value, image_id = cursors.decode(cursor)
    beyond = "lt" if sort.is_descending else "gt"
    if sort.is_by_arrival:
        return found.filter(Q(**{f"id__{beyond}": image_id}))
    if value is None:
        raise Invalid("This cursor is of another order.", code="bad_cursor")
    # The first condition alone says where in an index to begin.
    return found.filter(
        Q(**{f"sort_value__{beyond}e": value}),
        Q(**{f"sort_value__{beyond}": value}) | Q(**{f"id__{beyond}": image_id}),
    )


def start(
    found: QuerySet[Image], sort: Sort, count: int, *, threshold: float, cursor: str | None
) -> list[Image]:
    """Return the first pictures behind a cursor, or of all.

    Args:
        found: the pictures in their order.
        sort: which one it is.
        count: of pictures at most.
        threshold: the concept's, from which certainty is counted.
        cursor: where the last page ended.

    Raises:
        Invalid: the cursor is none of ours, or of another order.
    """
    following = after(found, sort, cursor) if cursor else found
    if sort is not Sort.UNCERTAIN:
        return list(following[:count])
    # No index is ordered by the distance from a threshold, but one is by probability: what comes
    # first is among the nearest above and the nearest below.
    distance = (cursors.decode(cursor)[0] or 0.0) - _ROUNDING if cursor else 0.0
    floor, ceiling = max(threshold, threshold + distance), min(threshold, threshold - distance)
    above = following.filter(Q(**{f"{_PROBABILITY}__gte": floor}))
    below = following.filter(
        Q(**{f"{_PROBABILITY}__lt": threshold, f"{_PROBABILITY}__lte": ceiling})
    )
    sides = above.order_by(f"{_PROBABILITY}", "id"), below.order_by(f"-{_PROBABILITY}", "id")
    nearest = heapq.merge(*(side[:count] for side in sides), key=_distance_and_id)
    return list(islice(nearest, count))


def _distance_and_id(image: Image) -> tuple[float, int]:
    return getattr(image, "sort_value"), image.pk  # noqa: B009  annotated


def cursor_after(last: Image, sort: Sort) -> str:
    """Return the cursor behind a picture."""
    value = None if sort.is_by_arrival else getattr(last, "sort_value")  # noqa: B009  annotated
    return cursors.encode(value, last.pk)
