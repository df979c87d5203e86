"""The general model's words, and words that are nearly the same. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

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
