"""The general model's words, and words that are nearly the same. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from webapp.learning.backgrounds import spec

if TYPE_CHECKING:
    from training.tags.vocabulary import Vocabulary


def _vocabulary() -> Vocabulary:
    from training.tags.vocabulary import load_vocabulary

    return load_vocabulary()


def find_tags(text: str, *, typos: bool) -> list[int]:
    """Return the ids of the tags that a text may mean."""
    return [tag.id for tag in _vocabulary().find(text, typos=typos)]


def is_tag(text: str) -> bool:
    """Say whether a text is a tag, letter by letter."""
    return bool(_vocabulary().find(text, prefixes=False, typos=False))


def tag_name(tag_id: int) -> str:
    """Return what people call a tag; nothing where the vocabulary has it no more."""
    tag = _vocabulary().by_id.get(tag_id)
    return tag.name if tag else ""


def tag_definition(tag_id: int) -> str:
    tag = _vocabulary().by_id.get(tag_id)
    return tag.definition if tag else ""


def is_there() -> bool:
    """Say whether the backbone in use came with a general model."""
    return spec().has_classifiers


def size() -> int:
    """Return how many things the general model knows."""
    return len(_vocabulary().tags)


def ranked(probabilities: Mapping[int, float]) -> list[tuple[str, float]]:
    """Return tags by name, the most telling first: likely, and not true of everything.

    Args:
        probabilities: by the tags' ids; those that the vocabulary has no more are left out.
    """
    known = _vocabulary().by_id
    said = [(known[tag_id], p) for tag_id, p in probabilities.items() if tag_id in known]
    said.sort(key=lambda one: -one[1] * one[0].information)
    return [(tag.name, p) for tag, p in said]


def complete(text: str, *, limit: int) -> list[str]:
    """Return tags that begin as typed."""
    return _vocabulary().complete(text, limit=limit)


def nearest_word(word: str, known: Collection[str]) -> str | None:
    """Return the known word that differs in a letter or two, if there is one."""
    from training.tags.vocabulary import nearest

    return nearest(word, known)


def singulars(word: str) -> Sequence[str]:
    """Return a word, and what it is the plural of if it is one."""
    from training.tags.vocabulary import singulars

    return singulars(word)
