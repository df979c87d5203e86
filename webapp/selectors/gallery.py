"""The gallery: pages of pictures with all that is said of them, in a constant number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, prefetch_related_objects

from webapp.errors import NotFound
from webapp.models import Image, Label, Prediction, Project
from webapp.selectors import disagreement, listings, ordering
from webapp.selectors.listings import Listing, Query

MAX_LIMIT = 500


@dataclass(frozen=True)
class Page:
    items: list[Image]
    next_cursor: str | None
    total: int | None
    """How many match in all; counted on the first page only, and where that is asked for."""


def page(project: Project, query: Query) -> Page:
    """Return one page of pictures with their labels and predictions.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    listed = listings.ordered(project, query)
    limit = min(query.limit, MAX_LIMIT)
    items = ordering.start(
        listed.in_order,
        listed.sort,
        limit + 1,
        threshold=listed.threshold,
        cursor=query.cursor,
    )
    more = len(items) > limit
    next_cursor = ordering.cursor_after(items[limit - 1], listed.sort) if more else None
    items = items[:limit]
    prefetch_related_objects(items, *_details())
    if query.fold:
        _count_folded(project, items)
    is_counted = query.count and not query.cursor
    return Page(items, next_cursor, _total(query, listed) if is_counted else None)


def count(project: Project, query: Query) -> int:
    """Return how many match in all.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    return _total(query, listings.ordered(project, query))


def _total(query: Query, listed: Listing) -> int:
    """Count what matches; of predictions alone an index can tell, without a look at pictures."""
    is_by_prediction = listed.sort.needs_concept or query.bounds
    if listed.concept and is_by_prediction and query.is_of_predictions_alone:
        return Prediction.objects.filter(concept=listed.concept, **query.bounds).count()
    return listed.in_order.count()


def image(project: Project, image_id: int) -> Image:
    """Return one picture with its labels, predictions, tags, and who made them.

    Raises:
        NotFound: the project has no such picture.
    """
    mine = Image.objects.filter(project=project, pk=image_id).select_related("created_by")
    said = Prefetch("opinions", disagreement.opinions())
    found = mine.prefetch_related(*_details(with_people=True), "tags", said).first()
    if found is None:
        raise NotFound("There is no such picture.", code="image_not_found")
    return found


def check_there(project: Project, image_ids: Collection[int]) -> None:
    """Raise `NotFound` where one of these pictures is not in the project."""
    if Image.objects.filter(project=project, pk__in=image_ids).count() < len(image_ids):
        raise NotFound("There is no such picture.", code="image_not_found")


def images(project: Project, image_ids: list[int]) -> list[Image]:
    """Return pictures with their labels and predictions, in the order asked for."""
    mine = Image.objects.filter(project=project)
    found = mine.prefetch_related(*_details()).in_bulk(image_ids)
    return [found[image_id] for image_id in image_ids if image_id in found]


def _details(*, with_people: bool = False) -> list[Any]:
    """Return what to fetch for many pictures at once: what is said of them, in the order shown.

    Lists cost less than Django's managers of relations, which make a query for each picture and
    then don't ask it: that was another third of a page.
    """
    labels = Label.objects.order_by("concept_id")
    if with_people:
        labels = labels.select_related("set_by")
    predictions = Prediction.objects.order_by("-probability")
    return [
        Prefetch("labels", labels, to_attr="shown_labels"),
        Prefetch("predictions", predictions, to_attr="shown_predictions"),
        "shown_labels__concept",
        "shown_predictions__concept",
    ]


def _count_folded(project: Project, items: list[Image]) -> None:
    """Say of each picture how many there are in its group."""
    groups = {item.group for item in items if item.group is not None}
    counts = dict(
        Image.objects.filter(project=project, group__in=groups)
        .values_list("group")
        .annotate(Count("pk"))
    )
    for item in items:
        item.group_size = counts.get(item.group, 1)  # type: ignore[attr-defined]
