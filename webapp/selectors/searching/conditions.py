"""From terms to what the database is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

from django.db.models import Case, Exists, FloatField, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from webapp.learning import general
from webapp.models import Concept, Image, ImageTag, Label, Prediction, Project
from webapp.selectors import disagreement
from webapp.selectors.ordering import Sort
from webapp.selectors.searching import dates, words
from webapp.selectors.searching.terms import And, Comparison, Field, Node, Not, Or, Search, Words
from webapp.text import clean, name_key

_OPERATORS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "exact"}
_MOST_NUMBERS = 500
_DISPUTED = "disputed"
_SORTS = {
    "newest": Sort.NEWEST,
    "oldest": Sort.OLDEST,
    "taken": Sort.TAKEN,
    "likely": Sort.MOST_LIKELY,
    "unlikely": Sort.LEAST_LIKELY,
    "uncertain": Sort.UNCERTAIN,
    "match": Sort.MATCH,
    "similar": Sort.SIMILAR,
}


@dataclass
class Found:
    """What a search asks for.

    Attributes:
        condition: what holds of a picture.
        concept: the first concept that the query names, for orders that need one.
        scores: how well a picture matches each free word and tag, 0 to 1.
        near: ids of pictures to be like.
        unlike: ids of pictures not to be like.
        sort: the order that the query names.
    """

    condition: Q = field(default_factory=Q)
    concept: str | None = None
    scores: list[Combinable] = field(default_factory=list)
    near: list[int] = field(default_factory=list)
    unlike: list[int] = field(default_factory=list)
    sort: Sort | None = None

    @property
    def score(self) -> Combinable:
        """How well a picture matches all words."""
        whole: Combinable = Value(0.0, output_field=FloatField())
        for score in self.scores:
            whole = whole + score
        return whole


def compile_search(project: Project, search: Search) -> Found:
    """Turn a query into conditions on a project's pictures.

    Raises:
        BadQuery: it names something that is not there.
    """
    compiler = _Compiler(project)
    condition = compiler.compile(And(words.with_phrases(project, search.nodes)))
    found = compiler.found
    found.condition = condition
    found.near = [number for term in search.near for number in _numbers(term)]
    found.unlike = [number for term in search.unlike for number in _numbers(term)]
    found.sort = _sort(search.sort, found) if search.sort else None
    return found


def _sort(term: Field, found: Found) -> Sort:
    sort = _SORTS.get(term.value.casefold())
    if sort is None:
        raise term.wrong(f"Write sort:{', sort:'.join(_SORTS)}.")
    if sort is Sort.SIMILAR and not found.near:
        raise term.wrong("Say like which picture, too: near:NUMBER.")
    return sort


class _Compiler:
    def __init__(self, project: Project) -> None:
        self._project = project
        self.found = Found()
        self._is_wanted = True  # what is excluded does not make a match better

    def compile(self, node: Node) -> Q:
        if isinstance(node, And):
            return self._joined(node.nodes, Q.AND)
        if isinstance(node, Or):
            return self._joined(node.nodes, Q.OR)
        if isinstance(node, Not):
            self._is_wanted = not self._is_wanted
            inner = self.compile(node.node)
            self._is_wanted = not self._is_wanted
            return ~inner
        if isinstance(node, Words):
            return self._words(node)
        if isinstance(node, Comparison):
            return self._comparison(node)
        return _FIELDS[node.key](self, node)

    def _joined(self, nodes: list[Node], connector: str) -> Q:
        conditions = [self.compile(node) for node in nodes]
        return reduce(or_ if connector == Q.OR else and_, conditions, Q())

    def _words(self, node: Words) -> Q:
        """Look everywhere for what was typed and, only where nothing has it, for what is near."""
        told, tags = self._meant(node, typos=False)
        if not words.exists(self._project, told | self._tagged(tags)):
            told, tags = self._meant(node, typos=True)
        self._score(told, tags)
        return told | self._tagged(tags)

    def _meant(self, node: Words, *, typos: bool) -> tuple[Q, list[int]]:
        """Return what people said that matches, and the tags that do."""
        document = words.in_document_with_typos if typos else words.in_document
        named = words.concepts_named(self._project, node.text, typos=typos)
        told = document(self._project, node.text) | self._shows(named)
        return told, general.find_tags(node.text, typos=typos)

    def _score(self, told: Q, tags: list[int]) -> None:
        """Let what people said count fully, and a tag as far as the general model is sure."""
        if not self._is_wanted:
            return
        likeliest = (
            ImageTag.objects.filter(image=OuterRef("pk"), tag__in=tags)
            .values("image")
            .annotate(most=Max("probability"))
            .values("most")
        )
        sure = Coalesce(Subquery(likeliest), 0.0, output_field=FloatField())
        self.found.scores.append(
            Case(When(told, then=Value(1.0)), default=sure, output_field=FloatField())
        )

    def _shows(self, concepts: list[Concept]) -> Q:
        """Match what is said to show a concept or, where nobody said, found to."""
        if not concepts:
            return Q(pk__in=[])
        labels = Label.objects.filter(image=OuterRef("pk"), concept__in=concepts)
        found = Prediction.objects.filter(
            image=OuterRef("pk"), concept__in=concepts, is_present=True
        )
        said = Q(Exists(labels.filter(is_positive=True)))
        return said | (Q(Exists(found)) & ~Q(Exists(labels.filter(is_positive=False))))

    def _tagged(self, tags: list[int]) -> Q:
        return Q(Exists(ImageTag.objects.filter(image=OuterRef("pk"), tag__in=tags)))

    def _comparison(self, node: Comparison) -> Q:
        concept = self._concept(node, node.concept)
        bound = {f"probability__{_OPERATORS[node.operator]}": node.probability}
        predictions = Prediction.objects.filter(image=OuterRef("pk"), concept=concept, **bound)
        return Q(Exists(predictions))

    def _concept(self, node: Field | Comparison, name: str) -> Concept:
        key = name_key(name)
        concept = Concept.objects.filter(project=self._project, name_key=key).first()
        if concept is None:
            near = words.concepts_named(self._project, name, typos=True)
            hint = f" Did you mean “{near[0].name}”?" if near else ""
            raise node.wrong(f"There is no concept “{name}”.{hint}")
        self.found.concept = self.found.concept or concept.name
        return concept

    def _is_concept(self, name: str) -> bool:
        key = name_key(name)
        return Concept.objects.filter(project=self._project, name_key=key).exists()

    def _label(self, node: Field) -> Q:
        labels = Label.objects.filter(image=OuterRef("pk"))
        value = node.value.casefold()
        if value == "none":
            return ~Q(Exists(labels))
        if value == "any":
            return Q(Exists(labels))
        concept = self._concept(node, node.value)
        return Q(Exists(labels.filter(concept=concept, is_positive=True)))

    def _not(self, node: Field) -> Q:
        concept = self._concept(node, node.value)
        labels = Label.objects.filter(image=OuterRef("pk"), concept=concept, is_positive=False)
        return Q(Exists(labels))

    def _is(self, node: Field) -> Q:
        if node.value.casefold() == _DISPUTED and not self._is_concept(_DISPUTED):
            labels = Label.objects.filter(image=OuterRef("pk"))
            return Q(Exists(disagreement.disputed(labels)))
        concept = self._concept(node, node.value)
        found = Prediction.objects.filter(image=OuterRef("pk"), concept=concept, is_present=True)
        return Q(Exists(found))

    def _tag(self, node: Field) -> Q:
        tags = general.find_tags(node.value, typos=False)
        if not tags:
            near = general.find_tags(node.value, typos=True)
            hint = f" Did you mean tag:{general.tag_name(near[0])}?" if near else ""
            raise node.wrong(f"The general model knows no “{node.value}”.{hint}")
        self._score(Q(pk__in=[]), tags)
        return self._tagged(tags)

    def _text(self, node: Field) -> Q:
        column = {"name": "filename", "note": "note"}[node.key]
        return Q(**{f"{column}__icontains": clean(node.value).strip("*")})

    def _taken(self, node: Field) -> Q:
        start, end = dates.period(node)
        column = "taken_at" if node.key == "taken" else "created_at"
        condition = Q(**{f"{column}__isnull": False})
        if start:
            condition &= Q(**{f"{column}__gte": start})
        if end:
            condition &= Q(**{f"{column}__lt": end})
        return condition

    def _status(self, node: Field) -> Q:
        if node.value.casefold() not in Image.Status.values:
            raise node.wrong(f"Write status:{', status:'.join(Image.Status.values)}.")
        return Q(status=node.value.casefold())

    def _id(self, node: Field) -> Q:
        return Q(pk__in=_numbers(node))

    def _group(self, node: Field) -> Q:
        return Q(group__in=_numbers(node))


_FIELDS: dict[str, Callable[[_Compiler, Field], Q]] = {
    "label": _Compiler._label,
    "not": _Compiler._not,
    "is": _Compiler._is,
    "tag": _Compiler._tag,
    "name": _Compiler._text,
    "note": _Compiler._text,
    "taken": _Compiler._taken,
    "added": _Compiler._taken,
    "status": _Compiler._status,
    "id": _Compiler._id,
    "group": _Compiler._group,
}


def _numbers(term: Field) -> list[int]:
    """Read `12` or `12,15`.

    Raises:
        BadQuery: it holds something else.
    """
    parts = term.value.split(",")
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit()]
    if len(numbers) != len(parts) or max(numbers) >= 2**63:
        raise term.wrong(f"Write the numbers of pictures, like {term.key}:12 or {term.key}:12,15.")
    if len(numbers) > _MOST_NUMBERS:
        raise term.wrong(f"At most {_MOST_NUMBERS} pictures.")
    return numbers
