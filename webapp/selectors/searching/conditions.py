"""From terms to what the database is asked."""

from collections.abc import Callable
from functools import reduce
from operator import and_, or_

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from webapp.learning import general
from webapp.models import Concept, Image, Label, Prediction
from webapp.selectors import disagreement
from webapp.selectors.ordering import Sort
from webapp.selectors.searching import dates, words
from webapp.selectors.searching.found import Found, as_seen, likeliest, scored
from webapp.selectors.searching.lexicon import Lexicon, tagged
from webapp.selectors.searching.terms import (
    And,
    Comparison,
    Field,
    Node,
    Not,
    Or,
    Search,
    Sentence,
    Words,
)
from webapp.text import clean

_OPERATORS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "exact"}
_MOST_NUMBERS = 500
_MOST_MEANT, _MOST_TOLD = 3, 8
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


def compile_search(lexicon: Lexicon, search: Search) -> Found:
    """Turn a query into conditions on the pictures of the lexicon's project.

    Raises:
        BadQuery: it names something that is not there.
    """
    nodes = with_phrases(lexicon, search)
    nodes = words.with_sentences(nodes, lambda text: lexicon.seen(text) is not None)
    lexicon.foresee(nodes)
    compiler = _Compiler(lexicon)
    condition = compiler.compile(And(nodes))
    found = compiler.found
    found.condition = condition
    found.near = [number for term in search.near for number in _numbers(term)]
    found.unlike = [number for term in search.unlike for number in _numbers(term)]
    found.sort = _sort(search.sort, found) if search.sort else None
    return found


def with_phrases(lexicon: Lexicon, search: Search) -> list[Node]:
    """Return a query's conditions with words joined that name one thing together."""
    return words.with_phrases(search.nodes, lexicon.is_phrase)


def _sort(term: Field, found: Found) -> Sort:
    sort = _SORTS.get(term.value.casefold())
    if sort is None:
        raise term.wrong(f"Write sort:{', sort:'.join(_SORTS)}.")
    if sort is Sort.SIMILAR and not found.near:
        raise term.wrong("Say like which picture, too: near:NUMBER.")
    return sort


class _Compiler:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
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
        """Match what is said or written and, of what pictures show, what is seen, or else tags."""
        seen = self._lexicon.seen(node.text)
        if seen is None:
            meaning = self._lexicon.meaning(node.text)
            self._score(meaning.told, likeliest(meaning.tags))
            return meaning.condition
        parts = node.words if isinstance(node, Sentence) else [node]
        told = reduce(and_, (self._lexicon.meaning(part.text).told for part in parts))
        self._score(told, as_seen(seen))
        return told | Q(pk__in=list(seen))

    def _score(self, told: Q, sure: Combinable) -> None:
        """Let what people said count fully, and what a model sees as far as it is sure."""
        if self._is_wanted:
            self.found.scores.append(scored(told, sure))

    def _comparison(self, node: Comparison) -> Q:
        concept = self._concept(node, node.concept)
        bound = {f"probability__{_OPERATORS[node.operator]}": node.probability}
        predictions = Prediction.objects.filter(image=OuterRef("pk"), concept=concept, **bound)
        return Q(Exists(predictions))

    def _concept(self, node: Field | Comparison, name: str) -> Concept:
        concept = self._lexicon.concept(name)
        if concept is None:
            raise node.wrong(f"There is no concept “{name}”.{self._hint(name)}")
        self.found.concept = self.found.concept or concept.name
        return concept

    def _hint(self, name: str) -> str:
        """Say which concept may be meant, or else which there are."""
        near = self._lexicon.like(name)
        if near:
            return f" Did you mean {' or '.join(f'“{one.name}”' for one in near[:_MOST_MEANT])}?"
        there = [f"“{one.name}”" for one in self._lexicon.concepts[:_MOST_TOLD]]
        end = ", …" if len(self._lexicon.concepts) > _MOST_TOLD else "."
        are = "are" if len(there) > 1 else "is"
        return f" There {are} {', '.join(there)}{end}" if there else ""

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
        if node.value.casefold() == _DISPUTED and not self._lexicon.concept(_DISPUTED):
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
        self._score(Q(pk__in=[]), likeliest(tags))
        return tagged(tags)

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
