"""What names and words mean in a project: its concepts, what is written, what its pictures show.

Read once, for all terms of a query, or for many queries.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef, Q

from webapp.learning import general
from webapp.models import Concept, Image, ImageTag, Label, Prediction, Project
from webapp.selectors import text_images
from webapp.selectors.searching import words
from webapp.selectors.searching.terms import And, Node, Not, Or, Sentence, Words
from webapp.text import name_key

_ASKED_AT_ONCE = 500  # an answer has room for 1,600 columns


@dataclass(frozen=True)
class Meaning:
    """What a text stands for.

    Attributes:
        told: matches what people said or wrote.
        tags: of the general model.
    """

    told: Q
    tags: list[int]

    @property
    def condition(self) -> Q:
        return self.told | tagged(self.tags)


class Lexicon:
    """One project's."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._is_there: dict[str, bool] = {}
        self._seen: dict[str, dict[int, float] | None] = {}

    @cached_property
    def concepts(self) -> list[Concept]:
        return list(Concept.objects.filter(project=self._project))

    def concept(self, name: str) -> Concept | None:
        key = name_key(name)
        return next((concept for concept in self.concepts if concept.name_key == key), None)

    def named(self, text: str, *, typos: bool) -> list[Concept]:
        """Return the concepts whose name is or begins with a text, or nearly is."""
        key = name_key(text)
        for found in (
            [c for c in self.concepts if c.name_key == key],
            [c for c in self.concepts if len(key) > 1 and c.name_key.startswith(key)],
        ):
            if found:
                return found
        near = general.nearest_word(key, [c.name_key for c in self.concepts]) if typos else None
        return [concept for concept in self.concepts if concept.name_key == near]

    def like(self, text: str) -> list[Concept]:
        """Return the concepts that may be meant by a name that none has."""
        key = name_key(text)
        return self.named(text, typos=True) or [
            c for c in self.concepts if len(key) > 1 and key in c.name_key
        ]

    def is_phrase(self, text: str) -> bool:
        """Whether several words name one thing."""
        return self.concept(text) is not None or general.is_tag(text)

    def meaning(self, text: str) -> Meaning:
        """Look everywhere for what was typed and, only where nothing has it, for what is near."""
        self.foresee([Words(0, 0, text)])
        return self._meaning(text, typos=not self._is_there[text])

    def seen(self, text: str) -> dict[int, float] | None:
        """Return the pictures that show what a text says; None where no model has read it."""
        if text not in self._seen:
            direction = text_images.direction(text)
            self._seen[text] = text_images.seen(self._project, direction) if direction else None
        return self._seen[text]

    def foresee(self, nodes: Iterable[Node]) -> None:
        """Find out for all words of some queries at once whether anything has them as typed."""
        texts = dict.fromkeys(text for node in nodes for text in _texts(node))
        new = [text for text in texts if text not in self._is_there]
        if not new:
            return
        mine = Image.objects.filter(project=self._project)
        asked = [Exists(mine.filter(self._meaning(text, typos=False).condition)) for text in new]
        this = Project.objects.filter(pk=self._project.pk)
        for start in range(0, len(new), _ASKED_AT_ONCE):
            part = slice(start, start + _ASKED_AT_ONCE)
            answers = this.values_list(*asked[part]).get()
            self._is_there.update(zip(new[part], answers, strict=True))

    def _meaning(self, text: str, *, typos: bool) -> Meaning:
        written = words.corrected(text, self._known_words) if typos else text
        told = words.in_document(written) | _shown(self.named(text, typos=typos))
        return Meaning(told, general.find_tags(text, typos=typos))

    @cached_property
    def _known_words(self) -> list[str]:
        return words.known(self._project)


def tagged(tags: list[int]) -> Q:
    return Q(Exists(ImageTag.objects.filter(image=OuterRef("pk"), tag__in=tags)))


def _shown(concepts: list[Concept]) -> Q:
    """Match what is said to show a concept or, where nobody said, found to."""
    if not concepts:
        return Q(pk__in=[])
    labels = Label.objects.filter(image=OuterRef("pk"), concept__in=concepts)
    found = Prediction.objects.filter(image=OuterRef("pk"), concept__in=concepts, is_present=True)
    said = Q(Exists(labels.filter(is_positive=True)))
    return said | (Q(Exists(found)) & ~Q(Exists(labels.filter(is_positive=False))))


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, Sentence):
        yield from (word.text for word in node.words)
    elif isinstance(node, Words):
        yield node.text
    elif isinstance(node, Not):
        yield from _texts(node.node)
    elif isinstance(node, And | Or):
        for inner in node.nodes:
            yield from _texts(inner)
