"""The gallery: pictures searched, filtered, ordered and paged, in a constant number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    FloatField,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from webapp.errors import Invalid, NotFound
from webapp.models import Concept, Image, Label, Prediction, Project
from webapp.selectors import disagreement, ordering, search, searching, thresholds
from webapp.selectors.ordering import Sort as Sort
from webapp.selectors.searching import Found
from webapp.text import clean, name_key

MAX_LIMIT = 500
_DETAILS = ("labels__concept", "predictions__concept")


class LabelFilter(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True)
class Query:
    """What to show. Probabilities are those of `concept`; so are labels, where it is given.

    Attributes:
        q: a query as people type it; see `searching`.
        sort: where none is given, what the query asks for or is best for it; else the newest first.
        fold: near-duplicates behind the first of them that matches.
    """

    q: str = ""
    concept: str | None = None
    min_probability: float | None = None
    max_probability: float | None = None
    label: LabelFilter | None = None
    status: Image.Status | None = None
    ids: tuple[int, ...] | None = None
    sort: Sort | None = None
    fold: bool = False
    cursor: str | None = None
    limit: int = 100

    @property
    def bounds(self) -> dict[str, float]:
        """What a prediction must fulfil."""
        given = {"gte": self.min_probability, "lte": self.max_probability}
        return {
            f"probability__{bound}": value for bound, value in given.items() if value is not None
        }

    @property
    def is_of_predictions_alone(self) -> bool:
        """Whether nothing but a concept's predictions can decide what matches."""
        is_narrowed = self.q or self.status or self.label or self.ids is not None or self.fold
        return not is_narrowed


@dataclass(frozen=True)
class Page:
    items: list[Image]
    next_cursor: str | None
    total: int | None
    """How many match in all; counted on the first page only."""


@dataclass(frozen=True)
class Listing:
    """All that match; pictures that are not in the order of their arrival have a `sort_value`."""

    in_order: QuerySet[Image]
    sort: Sort
    concept: Concept | None
    threshold: float


def page(project: Project, query: Query) -> Page:
    """Return one page of pictures with their labels and predictions.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    listed = listing(project, query)
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
    prefetch_related_objects(items, *_DETAILS)
    if query.fold:
        _count_folded(project, items)
    return Page(items, next_cursor, None if query.cursor else _total(query, listed))


def _total(query: Query, listed: Listing) -> int:
    """Count what matches; of predictions alone an index can tell, without a look at pictures."""
    is_by_prediction = listed.sort.needs_concept or query.bounds
    if listed.concept and is_by_prediction and query.is_of_predictions_alone:
        return Prediction.objects.filter(concept=listed.concept, **query.bounds).count()
    return listed.in_order.count()


def listing(project: Project, query: Query) -> Listing:
    """Return all that match in the order asked for.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    asked = _ask(project, query)
    is_distance = asked.sort is Sort.UNCERTAIN
    in_use = thresholds.shown(project) if is_distance else {}
    concept_id = asked.concept.pk if asked.concept else 0
    threshold = in_use.get(concept_id, thresholds.UNKNOWN)
    in_order = ordering.ordered(_valued(asked, threshold), asked.sort)
    return Listing(in_order, asked.sort, asked.concept, threshold)


def matching(project: Project, query: Query) -> QuerySet[Image]:
    """Return all that match, in no order.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    return _ask(project, query).matching


def image(project: Project, image_id: int) -> Image:
    """Return one picture with its labels, predictions, tags, and who made them.

    Raises:
        NotFound: the project has no such picture.
    """
    mine = Image.objects.filter(project=project, pk=image_id).select_related("created_by")
    said = Prefetch("opinions", disagreement.opinions())
    found = _with_details(mine).prefetch_related("labels__set_by", "tags", said).first()
    if found is None:
        raise NotFound("There is no such picture.", code="image_not_found")
    return found


def check_there(project: Project, image_ids: Collection[int]) -> None:
    """Raise `NotFound` where one of these pictures is not in the project."""
    if Image.objects.filter(project=project, pk__in=image_ids).count() < len(image_ids):
        raise NotFound("There is no such picture.", code="image_not_found")


def images(project: Project, image_ids: list[int]) -> list[Image]:
    """Return pictures with their labels and predictions, in the order asked for."""
    found = _with_details(Image.objects.filter(project=project)).in_bulk(image_ids)
    return [found[image_id] for image_id in image_ids if image_id in found]


def find_concept(project: Project, name: str) -> Concept:
    concept = Concept.objects.filter(project=project, name_key=name_key(name)).first()
    if concept is None:
        raise NotFound(f"There is no concept “{clean(name)}”.", code="concept_not_found")
    return concept


def _with_details(queryset: QuerySet[Image]) -> QuerySet[Image]:
    return queryset.prefetch_related(*_DETAILS)


@dataclass(frozen=True)
class _Asked:
    """A query, understood."""

    matching: QuerySet[Image]
    sort: Sort
    concept: Concept | None
    found: Found


def _ask(project: Project, query: Query) -> _Asked:
    found = searching.compile_search(project, searching.parse(query.q))
    sort = _sort(query, found)
    name = query.concept or (found.concept if sort.needs_concept else None)
    concept = find_concept(project, name) if name else None
    matching = _filtered(project, query, sort, concept).filter(found.condition)
    if found.near:
        is_all = not found.condition and not (query.ids or query.status or query.label or concept)
        matching = _ranked(project, matching, found, is_all=is_all)
    if query.fold:
        matching = _folded(matching)
    return _Asked(matching, sort, concept, found)


def _sort(query: Query, found: Found) -> Sort:
    """Choose the order: the one typed, or the one given, or what suits what is asked."""
    if found.sort:
        return found.sort
    if query.sort:
        if query.sort is Sort.SIMILAR and not found.near:
            raise Invalid("Say like which picture: near:NUMBER.", code="near_missing")
        return query.sort
    if found.near:
        return Sort.SIMILAR
    return Sort.MATCH if found.scores else Sort.NEWEST


def _filtered(
    project: Project, query: Query, sort: Sort, concept: Concept | None
) -> QuerySet[Image]:
    found = Image.objects.filter(project=project)
    if query.ids is not None:
        found = found.filter(pk__in=query.ids)
    if query.status:
        found = found.filter(status=query.status)
    if query.label:
        found = found.filter(_label_condition(query.label, concept))
    bounds: dict[str, Any] = {f"predictions__{name}": v for name, v in query.bounds.items()}
    if bounds or sort.needs_concept:
        if concept is None:
            raise Invalid("Say of which concept: add concept=NAME.", code="concept_missing")
        # One condition: its parts are of the same prediction.
        found = found.filter(Q(predictions__concept=concept, **bounds))
    return found


def _label_condition(label: LabelFilter, concept: Concept | None) -> Q:
    labels = Label.objects.filter(image=OuterRef("pk"))
    if concept:
        labels = labels.filter(concept=concept)
    if label is LabelFilter.NONE:
        return ~Q(Exists(labels))
    if label is not LabelFilter.ANY:
        labels = labels.filter(is_positive=label is LabelFilter.POSITIVE)
    return Q(Exists(labels))


def _ranked(
    project: Project, matching: QuerySet[Image], found: Found, *, is_all: bool
) -> QuerySet[Image]:
    """Keep the most alike of the matching pictures, with their rank."""
    nearest = search.like_images(
        project,
        like=found.near,
        unlike=found.unlike,
        among=None if is_all else matching,
        limit=search.MAX_RANKED,
    )
    ids = [image_id for image_id, _ in nearest]
    rank = Func(
        ids,
        "pk",
        template="array_position(%(expressions)s)::float8",
        arg_joiner="::bigint[], ",
        output_field=FloatField(),
    )
    return matching.filter(pk__in=ids).annotate(rank=rank)


def _folded(matching: QuerySet[Image]) -> QuerySet[Image]:
    """Leave out what has an earlier near-duplicate that matches too."""
    earlier = matching.filter(group=OuterRef("group"), pk__lt=OuterRef("pk"))
    return matching.filter(~Exists(earlier))


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


def _valued(asked: _Asked, threshold: float) -> QuerySet[Image]:
    """Give pictures the value that they are ordered by."""
    if asked.sort.needs_concept:
        return ordering.by_probability(asked.matching, asked.sort, threshold)
    if asked.sort is Sort.MATCH:
        return asked.matching.annotate(sort_value=asked.found.score)
    if asked.sort is Sort.SIMILAR:
        return asked.matching.annotate(sort_value=F("rank"))
    if asked.sort is Sort.TAKEN:
        return ordering.by_date(asked.matching)
    return asked.matching
