"""What a reader is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from webapp.formats.source import Source


@dataclass(frozen=True)
class Item:
    """A picture and what is said of it.

    Attributes:
        path: of the picture in the zip.
        labels: by concept, whether the picture shows it; of what is not there nothing is said.
    """

    path: str
    labels: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one item; the others are none the worse."""

    item: str
    code: str
    message: str


class Reader(Protocol):
    """Knows one format.

    Attributes:
        name: stable, for programs.
        title: for people.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...

    def recognises(self, source: Source) -> bool:
        """Say whether a data set is of this format."""
        ...

    def items(self, source: Source) -> Iterator[Item | Problem]:
        """Yield each picture once, with all that is said of it."""
        ...


class Said:
    """Collects what files say of pictures, by path, and what is wrong on the way."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._labels: dict[str, dict[str, bool]] = {}
        self._problems: list[Problem] = []

    def of(self, reference: str) -> dict[str, bool] | None:
        """Return the labels of the picture that a reference means; it is noted if there is none."""
        path = self._source.find(reference)
        if path is None:
            self.wrong(
                reference, "picture_missing", "The file names this picture, but it is not there."
            )
            return None
        return self._labels.setdefault(path, {})

    def wrong(self, item: object, code: str, message: str) -> None:
        self._problems.append(Problem(str(item)[:300] or "?", code, message))

    def items(self) -> Iterator[Item | Problem]:
        yield from self._problems
        for path, labels in self._labels.items():
            yield Item(path, labels)


def names_in(value: object) -> list[str]:
    """Return the non-empty names in a value that may be one, a list of them, or nothing."""
    found = value if isinstance(value, list) else [value]
    return [name.strip() for name in found if isinstance(name, str) and name.strip()]
