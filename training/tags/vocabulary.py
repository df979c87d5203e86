"""The words that pictures can be tagged with, and how typed words find them."""

import json
import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from training.backbones import DATA_DIR

CLASS_COUNT = 1000
_SHORTEST_WITH_A_TYPO, _SHORTEST_WITH_TWO = 4, 7


@dataclass(frozen=True)
class Tag:
    """One meaning.

    Attributes:
        id: WordNet's offset, the same for ever.
        words: synonyms, the usual one first.
        definition: one line.
        classes: outputs of the classifier that are kinds of it.
    """

    id: int
    words: tuple[str, ...]
    definition: str
    classes: tuple[int, ...]

    @property
    def name(self) -> str:
        """What the page calls it."""
        return self.words[0]

    @property
    def information(self) -> float:
        """How much it tells, in nats: a beagle more than a dog, an animal least."""
        return math.log(CLASS_COUNT / len(self.classes))


class Vocabulary:
    """All tags, and the way from typed words to them."""

    def __init__(self, tags: list[Tag]) -> None:
        self.tags = tags
        self.by_id = {tag.id: tag for tag in tags}

    @cached_property
    def membership(self) -> NDArray[np.float32]:
        """``(1000, T)`` one where a class is a kind of a tag."""
        matrix = np.zeros((CLASS_COUNT, len(self.tags)), np.float32)
        for column, tag in enumerate(self.tags):
            matrix[list(tag.classes), column] = 1.0
        return matrix

    def find(self, typed: str, *, prefixes: bool = True, typos: bool = True) -> list[Tag]:
        """Return the tags that a word or words may mean.

        The first of these ways that finds something is taken: the very word or its singular, the
        last of several words ("retriever"), its beginning, with a letter or two wrong.
        """
        key = typed.casefold().strip()
        for known in (self._by_word, self._by_last):
            for form in singulars(key):
                if found := known.get(form):
                    return found
        if prefixes and len(key) > 1:
            ids = {t.id: t for w, tags in self._by_word.items() if w.startswith(key) for t in tags}
            if ids:
                return list(ids.values())
        return self._by_word.get(nearest(key, self._by_word) or "", []) if typos else []

    def complete(self, typed: str, *, limit: int = 8) -> list[str]:
        """Return words that begin as typed, names and those of wider meaning first."""
        key = typed.casefold()
        words = [word for word in self._by_word if word.startswith(key)]
        names = {tag.name.casefold() for tag in self.tags}
        spans = {word: max(len(tag.classes) for tag in self._by_word[word]) for word in words}
        words.sort(key=lambda word: (word not in names, -spans[word], len(word), word))
        return words[:limit]

    @cached_property
    def _by_word(self) -> dict[str, list[Tag]]:
        found: dict[str, list[Tag]] = defaultdict(list)
        for tag in self.tags:
            for word in dict.fromkeys(word.casefold() for word in tag.words):
                found[word].append(tag)
        return dict(found)

    @cached_property
    def _by_last(self) -> dict[str, list[Tag]]:
        """By the last word of several, which says what it is: a beach wagon is no beach."""
        found: dict[str, list[Tag]] = defaultdict(list)
        for word, tags in self._by_word.items():
            last = word.replace("-", " ").split()[-1]
            found[last] += [tag for tag in tags if tag not in found[last]]
        return dict(found)


def singulars(word: str) -> list[str]:
    """Return a word, and what it is the plural of if it is one."""
    forms = [word]
    if word.endswith("ies") and len(word) > 4:
        forms.append(word[:-3] + "y")
    if word.endswith("es") and len(word) > 3:
        forms.append(word[:-2])
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        forms.insert(1, word[:-1])
    return forms


def allowed_typos(word: str) -> int:
    """Return how many letters may be wrong: none in short words, two in long ones."""
    if not word.isalpha():
        return 0
    return (len(word) >= _SHORTEST_WITH_A_TYPO) + (len(word) >= _SHORTEST_WITH_TWO)


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return the known word that differs least, if few enough letters are wrong.

    A swap of neighbours counts as one (optimal string alignment).
    """
    typos = allowed_typos(word)
    if not typos:
        return None
    best = process.extractOne(word, list(known), scorer=OSA.distance, score_cutoff=typos)
    return None if best is None else str(best[0])


@cache
def load_vocabulary() -> Vocabulary:
    """Load the bundled vocabulary."""
    data = json.loads((DATA_DIR / "tags.json").read_text())
    return Vocabulary(
        [
            Tag(tag["id"], tuple(tag["words"]), tag["definition"], tuple(tag["classes"]))
            for tag in data["tags"]
        ]
    )
