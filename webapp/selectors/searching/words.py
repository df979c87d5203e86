"""Free words: how they stand together, and in names, notes and dates."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, takewhile

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q

from webapp.learning import general
from webapp.models import Project
from webapp.selectors.searching.terms import And, Node, Not, Or, Sentence, Words
from webapp.text import words as fold

_KNOWN_WORDS = """
SELECT DISTINCT word FROM webapp_image, unnest(tsvector_to_array(words)) AS word
WHERE project_id = %s AND word ~ '^[[:alpha:]]{4,}$' LIMIT 50000
"""


def in_document(text: str) -> Q:
    """Match pictures whose name, note or date holds all words of a text, or such as begin so."""
    lexemes = fold(text)
    if not lexemes:
        return Q(pk__in=[])
    wanted = " & ".join(_any_form(word) for word in lexemes)
    return Q(words=SearchQuery(wanted, search_type="raw", config="simple"))


def known(project: Project) -> list[str]:
    """Return the words that a project's pictures have."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_WORDS, [project.pk])
        return [row[0] for row in cursor.fetchall()]


def corrected(text: str, among: Sequence[str]) -> str:
    """Return a text of the nearest known words; nothing where a word is near to none."""
    nearest = [general.nearest_word(word, among) for word in fold(text)]
    return "" if None in nearest else " ".join(word for word in nearest if word)


def with_phrases(nodes: list[Node], is_phrase: Callable[[str], bool]) -> list[Node]:
    """Join words that stand together where together they name one thing."""
    joined: list[Node] = []
    rest = list(nodes)
    while rest:
        run = [n for n in takewhile(lambda n: isinstance(n, Words), rest) if isinstance(n, Words)]
        length = next((n for n in range(len(run), 1, -1) if is_phrase(_text(run[:n]))), 1)
        joined.append(_joined(run[:length]) if length > 1 else rest[0])
        rest = rest[length:]
    return joined


def with_sentences(nodes: list[Node], is_known: Callable[[str], bool]) -> list[Node]:
    """Take words that stand together as a whole where the whole can be looked for."""
    taken: list[Node] = []
    for is_words, group in groupby(nodes, lambda node: isinstance(node, Words)):
        run = list(group)
        words = [node for node in run if isinstance(node, Words)]
        if is_words and is_known(sentence := _text(words)):
            taken.append(Sentence(*_place(words), sentence, words))
        else:
            taken += run
    return taken


def sentences(nodes: list[Node]) -> Iterator[str]:
    """Yield what may be looked for as a whole: words that stand together, or are said of alone."""
    for is_words, group in groupby(nodes, lambda node: isinstance(node, Words)):
        if is_words:
            yield _text([node for node in group if isinstance(node, Words)])
            continue
        for node in group:
            if isinstance(node, Not):
                yield from sentences([node.node])
            elif isinstance(node, And | Or):
                for inner in node.nodes:
                    yield from sentences([inner])


def _text(run: list[Words]) -> str:
    return " ".join(word.text for word in run)


def _joined(run: list[Words]) -> Words:
    return Words(*_place(run), _text(run))


def _place(run: list[Words]) -> tuple[int, int]:
    start = run[0].position
    return start, run[-1].position + run[-1].length - start


def _any_form(word: str) -> str:
    """Write a word for PostgreSQL: its beginnings, and its singular where it is a plural."""
    begins, *singulars = general.singulars(word)
    return f"({' | '.join([f'{begins}:*', *singulars])})"
