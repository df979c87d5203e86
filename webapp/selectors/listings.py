"""What a query asks for: which pictures match, and in what order."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, FloatField, Func, OuterRef, Q, QuerySet

from webapp.errors import Invalid
from webapp.models import Concept, Image, Label, Project
from webapp.selectors import concepts, ordering, search, searching, thresholds
from webapp.selectors.ordering import Sort
from webapp.selectors.searching import Found, Lexicon, Search


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
        count: whether to count all that match, which among a million takes longer than a page.
        words_only: whether no text-image model has read the query's words.
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
    count: bool = True
    words_only: bool = False

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
class Listing:
    """All that match; pictures that are not in the order of their arrival have a `sort_value`."""

    in_order: QuerySet[Image]
    sort: Sort
    concept: Concept | None
    threshold: float


def ordered(project: Project, query: Query) -> Listing:
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


@dataclass(frozen=True)
class Asked:
    """A query, understood.

    Attributes:
        matching: what matches; of all that are like others, only the most alike are found.
        sort: the order.
        concept: whose probabilities count.
        found: what the text asks for.
    """

    matching: QuerySet[Image]
    sort: Sort
    concept: Concept | None
    found: Found


def understood(project: Project, query: Query, lexicon: Lexicon, search: Search) -> Asked:
    """Say what a query asks for; nothing is looked for yet.

    Raises:
        Invalid: the query makes no sense.
        NotFound: there is no such concept.
    """
    found = searching.compile_search(lexicon, search)
    sort = _sort(query, found)
    name = query.concept or (found.concept if sort.needs_concept else None)
    concept = _concept(lexicon, name) if name else None
    matching = _filtered(project, query, sort, concept).filter(found.condition)
    return Asked(matching, sort, concept, found)


def _ask(project: Project, query: Query) -> Asked:
    asked = understood(project, query, Lexicon(project), searching.parse(query.q))
    matching, found = asked.matching, asked.found
    if found.near:
        is_narrowed = query.ids or query.status or query.label or asked.concept
        is_all = not found.condition and not is_narrowed
        matching = _ranked(project, matching, found, is_all=is_all)
    if query.fold:
        matching = _folded(matching)
    return replace(asked, matching=matching)


def _concept(lexicon: Lexicon, name: str) -> Concept:
    concept = lexicon.concept(name)
    if concept is None:
        raise concepts.missing(name)
    return concept


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


def _valued(asked: Asked, threshold: float) -> QuerySet[Image]:
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
