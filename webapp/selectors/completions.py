"""What a word in the search box may become: concepts, tags, keys."""

from dataclasses import dataclass

from webapp.learning import general
from webapp.models import Concept, Project
from webapp.selectors.searching.parser import KEYS
from webapp.text import name_key

_LIMIT = 8
_OF_CONCEPTS = {"label", "not", "is"}


@dataclass(frozen=True)
class Completion:
    """A word, and what to put in place of what was typed."""

    kind: str
    text: str
    insert: str


def complete(project: Project, typed: str) -> list[Completion]:
    """Return completions of a word, the project's own concepts first."""
    minus = "-" if typed.startswith("-") else ""
    key, colon, value = typed.removeprefix("-").partition(":")
    before = f"{minus}{key}:" if colon else minus
    text = (value if colon else key).strip('"')
    found: list[Completion] = []
    if not colon or key in _OF_CONCEPTS:
        prefix = before if colon else f"{minus}is:"
        found += [
            Completion("concept", name, prefix + _quoted(name)) for name in _concepts(project, text)
        ]
    if text and (not colon or key == "tag"):
        prefix = before if colon else f"{minus}tag:"
        found += [
            Completion("tag", word, prefix + _quoted(word))
            for word in general.complete(text, limit=_LIMIT)
        ]
    if not colon:
        found += [
            Completion("key", f"{known}:", f"{minus}{known}:")
            for known in KEYS
            if known.startswith(text.casefold())
        ]
    return found[: 2 * _LIMIT]


def _concepts(project: Project, text: str) -> list[str]:
    concepts = Concept.objects.filter(project=project, name_key__startswith=name_key(text))
    return list(concepts.order_by("name_key").values_list("name", flat=True)[:_LIMIT])


def _quoted(text: str) -> str:
    return f'"{text}"' if any(c in text for c in " ()<>=:") else text
