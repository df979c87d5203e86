"""Free words: what they find in names, notes, dates, concepts and the general model's tags."""

from itertools import takewhile

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q

from webapp.learning import general
from webapp.models import Concept, Image, Project
from webapp.selectors.searching.terms import Node, Words
from webapp.text import name_key
from webapp.text import words as fold

_KNOWN_WORDS = """
SELECT DISTINCT word FROM webapp_image, unnest(tsvector_to_array(words)) AS word
WHERE project_id = %s AND word ~ '^[[:alpha:]]{4,}$' LIMIT 50000
"""


def in_document(_: Project, text: str) -> Q:
    """Match pictures whose name, note or date holds all words of a text, or such as begin so."""
    lexemes = fold(text)
    if not lexemes:
        return Q(pk__in=[])
    wanted = " & ".join(_any_form(word) for word in lexemes)
    return Q(words=SearchQuery(wanted, search_type="raw", config="simple"))


def in_document_with_typos(project: Project, text: str) -> Q:
    """Match the same with letters wrong: by the nearest words that the project's pictures have."""
    lexemes = fold(text)
    known = _known_words(project)
    nearest = [general.nearest_word(word, known) for word in lexemes]
    if not lexemes or None in nearest:
        return Q(pk__in=[])
    return in_document(project, " ".join(word for word in nearest if word))


def concepts_named(project: Project, text: str, *, typos: bool = False) -> list[Concept]:
    """Return the concepts whose name is or begins with a text, or nearly is."""
    key = name_key(text)
    concepts = list(Concept.objects.filter(project=project))
    for found in (
        [c for c in concepts if c.name_key == key],
        [c for c in concepts if len(key) > 1 and c.name_key.startswith(key)],
    ):
        if found:
            return found
    near = general.nearest_word(key, [c.name_key for c in concepts]) if typos else None
    return [concept for concept in concepts if concept.name_key == near]


def with_phrases(project: Project, nodes: list[Node]) -> list[Node]:
    """Join words that stand together where together they name a concept or a tag."""
    if sum(isinstance(node, Words) for node in nodes) < 2:
        return nodes
    names = set(Concept.objects.filter(project=project).values_list("name_key", flat=True))
    joined: list[Node] = []
    rest = list(nodes)
    while rest:
        run = [n for n in takewhile(lambda n: isinstance(n, Words), rest) if isinstance(n, Words)]
        length = next((n for n in range(len(run), 1, -1) if _is_phrase(run[:n], names)), 1)
        joined.append(_joined(run[:length]) if length > 1 else rest[0])
        rest = rest[length:]
    return joined


def _is_phrase(run: list[Words], names: set[str]) -> bool:
    text = " ".join(word.text for word in run)
    return name_key(text) in names or general.is_tag(text)


def _joined(run: list[Words]) -> Words:
    length = run[-1].position + run[-1].length - run[0].position
    return Words(run[0].position, length, " ".join(word.text for word in run))


def _any_form(word: str) -> str:
    """Write a word for PostgreSQL: its beginnings, and its singular where it is a plural."""
    begins, *singulars = general.singulars(word)
    return f"({' | '.join([f'{begins}:*', *singulars])})"


def _known_words(project: Project) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_WORDS, [project.pk])
        return [row[0] for row in cursor.fetchall()]


def exists(project: Project, condition: Q) -> bool:
    """Say whether any picture of a project matches."""
    return Image.objects.filter(condition, project=project).exists()
