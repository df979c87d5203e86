"""The gallery: pictures filtered, ordered and paged, in a constant number of queries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Abs

from webapp.errors import Invalid, NotFound
from webapp.models import Concept, Draft, Image, Label, Project
from webapp.models.learning import thresholds_in_use
from webapp.selectors import cursors
from webapp.text import clean, name_key

MAX_LIMIT = 500


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    MOST_LIKELY = "-probability"
    LEAST_LIKELY = "probability"
    UNCERTAIN = "uncertain"

    @property
    def needs_concept(self) -> bool:
        return self not in {Sort.NEWEST, Sort.OLDEST}


class LabelFilter(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True)
class Query:
    """What to show. Probabilities are those of `concept`; so are labels, where it is given."""

    concept: str | None = None
    min_probability: float | None = None
    max_probability: float | None = None
    label: LabelFilter | None = None
    status: Image.Status | None = None
    ids: tuple[int, ...] | None = None
    sort: Sort = Sort.NEWEST
    cursor: str | None = None
    limit: int = 100


@dataclass(frozen=True)
class Page:
    items: list[Image]
    next_cursor: str | None
    total: int | None
    """How many match in all; counted on the first page only."""


def page(project: Project, query: Query) -> Page:
    """Return one page of pictures with their labels and predictions.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    in_order = ordered(project, query)
    limit = min(query.limit, MAX_LIMIT)
    items = list(_with_details(_after_cursor(in_order, query))[: limit + 1])
    more = len(items) > limit
    items = items[:limit]
    next_cursor = cursors.encode(_sort_value(items[-1], query.sort), items[-1].pk) if more else None
    return Page(items, next_cursor, None if query.cursor else in_order.count())


def ordered(project: Project, query: Query) -> QuerySet[Image]:
    """Return all that match in the order asked for; by probability, each has a `sort_value`.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    concept = find_concept(project, query.concept) if query.concept else None
    return _ordered(_filtered(project, query, concept), query, project, concept)


def matching(project: Project, query: Query) -> QuerySet[Image]:
    """Return all that match, in no order.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    concept = find_concept(project, query.concept) if query.concept else None
    return _filtered(project, query, concept)


def image(project: Project, image_id: int) -> Image:
    """Return one picture with its labels, predictions, and who made them.

    Raises:
        NotFound: the project has no such picture.
    """
    mine = Image.objects.filter(project=project, pk=image_id).select_related("created_by")
    found = _with_details(mine).prefetch_related("labels__set_by").first()
    if found is None:
        raise NotFound("There is no such picture.", code="image_not_found")
    return found


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
    return queryset.prefetch_related("labels__concept", "predictions__concept")


def _filtered(project: Project, query: Query, concept: Concept | None) -> QuerySet[Image]:
    found = Image.objects.filter(project=project)
    if query.ids is not None:
        found = found.filter(pk__in=query.ids)
    if query.status:
        found = found.filter(status=query.status)
    if query.label:
        found = found.filter(_label_condition(query.label, concept))
    bounds: dict[str, Any] = {
        f"predictions__probability__{bound}": value
        for bound, value in (("gte", query.min_probability), ("lte", query.max_probability))
        if value is not None
    }
    if bounds or query.sort.needs_concept:
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


def _ordered(
    found: QuerySet[Image], query: Query, project: Project, concept: Concept | None
) -> QuerySet[Image]:
    if not query.sort.needs_concept:
        return found.order_by("id" if query.sort is Sort.OLDEST else "-id")
    if query.sort is Sort.UNCERTAIN:
        distance = Abs(F("predictions__probability") - Value(_threshold(project, concept)))
        return found.annotate(sort_value=distance).order_by("sort_value", "id")
    found = found.annotate(sort_value=F("predictions__probability"))
    if query.sort is Sort.LEAST_LIKELY:
        return found.order_by("sort_value", "id")
    return found.order_by("-sort_value", "-id")


def _threshold(project: Project, concept: Concept | None) -> float:
    shown = Draft.objects.filter(project=project).defer("head").first() or project.version
    taught = shown.concepts if shown else []
    chosen = project.version.thresholds if project.version else {}
    in_use = zip(taught, thresholds_in_use(taught, chosen), strict=True)
    return next((value for t, value in in_use if concept and t["id"] == concept.pk), 0.5)


def _after_cursor(in_order: QuerySet[Image], query: Query) -> QuerySet[Image]:
    if not query.cursor:
        return in_order
    value, image_id = cursors.decode(query.cursor)
    is_descending = query.sort in {Sort.NEWEST, Sort.MOST_LIKELY}
    beyond = "lt" if is_descending else "gt"
    if not query.sort.needs_concept:
        return in_order.filter(Q(**{f"id__{beyond}": image_id}))
    if value is None:
        raise Invalid("This cursor is of another order.", code="bad_cursor")
    return in_order.filter(
        Q(**{f"sort_value__{beyond}": value}) | Q(sort_value=value, **{f"id__{beyond}": image_id})
    )


def _sort_value(last: Image, sort: Sort) -> float | None:
    return getattr(last, "sort_value") if sort.needs_concept else None  # noqa: B009  annotated
