"""How many pictures each of several queries finds, in a few questions to the database for all."""

from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, QuerySet, Value

from webapp.errors import Invalid, NotFound
from webapp.models import Embedding, Image, Project
from webapp.selectors import backbones, listings, search, searching
from webapp.selectors.listings import Asked, Query
from webapp.selectors.searching import Lexicon, Search


def counts(project: Project, texts: Sequence[str]) -> list[int | None]:
    """Return what each query as people type it finds; None where it makes no sense by now."""
    lexicon = Lexicon(project)
    searches = [_parsed(text) for text in texts]
    whole = [one for one in searches if one is not None]
    lexicon.foresee([node for one in whole for node in searching.with_phrases(lexicon, one)])
    asked = [_understood(project, lexicon, one) if one else None for one in searches]
    return _counted(_without_lost(project, asked), known_by=backbones.in_use(project))


def _parsed(text: str) -> Search | None:
    try:
        return searching.parse(text)
    except Invalid:
        return None


def _understood(project: Project, lexicon: Lexicon, search: Search) -> Asked | None:
    try:
        return listings.understood(project, Query(), lexicon, search)
    except (Invalid, NotFound):  # it names a concept that was deleted since
        return None


def _without_lost(project: Project, asked: Sequence[Asked | None]) -> list[Asked | None]:
    """Drop queries for what is like pictures that are not there any more, or not read."""
    wanted = {key for one in asked if one for key in (*one.found.near, *one.found.unlike)}
    if not wanted:
        return list(asked)
    mine = Embedding.objects.filter(project=project, fingerprint=backbones.in_use(project))
    known = set(mine.filter(image__in=wanted).values_list("image_id", flat=True))
    return [
        one if one and known.issuperset((*one.found.near, *one.found.unlike)) else None
        for one in asked
    ]


def _counted(asked: Sequence[Asked | None], *, known_by: str) -> list[int | None]:
    """Count all in one query; one that finds nothing has no row in its answer."""
    parts = [_part(number, one, known_by) for number, one in enumerate(asked) if one]
    rows = parts[0].union(*parts[1:], all=True) if parts else []
    found = dict(rows)
    return [
        _at_most(one, found.get(number, 0)) if one else None for number, one in enumerate(asked)
    ]


def _part(number: int, asked: Asked, known_by: str) -> "QuerySet[Image, tuple[int, int]]":
    matching = asked.matching
    if asked.found.near:
        read = Embedding.objects.filter(image=OuterRef("pk"), fingerprint=known_by)
        matching = matching.filter(Exists(read))
    numbered = matching.order_by().annotate(number=Value(number)).values("number")
    return numbered.annotate(found=Count("pk")).values_list("number", "found")


def _at_most(asked: Asked, count: int) -> int:
    """Of those that are like others only the most alike are shown."""
    return min(count, search.MAX_RANKED) if asked.found.near else count
