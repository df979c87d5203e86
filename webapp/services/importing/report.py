"""What taking a data set in would do, said before anything is written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from webapp import learning
from webapp.errors import Invalid, PupilError
from webapp.formats import Item, Problem, Source, detect
from webapp.models import Concept, Image, Project
from webapp.services import archiving, concepts
from webapp.text import clean, clean_name, name_key

# Told how many pictures were looked at, and of how many.
Tell = Callable[[int, int], None]

MAX_TOLD = 200
_CHUNK_BYTES = 2**20


class Problems:
    """What is wrong with which items; the first are told, all are counted."""

    def __init__(self) -> None:
        self._told: list[dict[str, str]] = []
        self.count = 0

    def add(self, item: str, code: str, message: str) -> None:
        self.count += 1
        if len(self._told) < MAX_TOLD:
            # Files may name anything; what no database takes must not take the report along.
            self._told.append({"item": clean(item), "code": code, "message": clean(message)})

    def of_source(self, source: Source) -> None:
        for path, code, message in source.refused:
            self.add(path, code, message)

    def to_dict(self) -> dict[str, Any]:
        return {"problems": self._told, "problem_count": self.count}


def of(source: Source, project: Project | None, *, tell: Tell) -> dict[str, Any]:
    """Say what would come in, into a project or a new one.

    Raises:
        Invalid: nothing would.
    """
    if archiving.is_archive(source):
        return archiving.report(source)
    reader = detect(source)
    tally = _Tally(source, project)
    for number, thing in enumerate(reader.items(source)):
        tell(number, len(source.pictures))
        tally.count(thing)
    if not tally.pictures:
        first = tally.problems.to_dict()["problems"][:1]
        why = f" {first[0]['item']}: {first[0]['message']}" if first else ""
        raise Invalid(f"There is no picture here that can be used.{why}", code="no_pictures")
    return {"format": reader.name, "title": reader.title, **tally.to_dict()}


def checked_labels(labels: Mapping[str, bool]) -> dict[str, bool]:
    """Return labels under names fit for concepts.

    Raises:
        Invalid: one is not.
    """
    checked = {}
    for name, value in labels.items():
        fit = clean_name(name, max_characters=concepts.MAX_NAME_CHARACTERS)
        if not fit:
            raise Invalid("What it shows has no name.", code="name_missing")
        checked[fit] = value
    return checked


class _Tally:
    def __init__(self, source: Source, project: Project | None) -> None:
        self._source, self._project = source, project
        self.problems = Problems()
        self.problems.of_source(source)
        self.pictures = self._already = self._twice = self._unlabelled = 0
        self._names: dict[str, str] = {}
        self._positives: Counter[str] = Counter()
        self._negatives: Counter[str] = Counter()
        self._seen: set[tuple[int, int]] = set()
        mine = Image.objects.filter(project=project) if project else Image.objects.none()
        self._known_sizes = set(mine.values_list("byte_size", flat=True))

    def count(self, thing: Item | Problem) -> None:
        if isinstance(thing, Problem):
            self.problems.add(thing.item, thing.code, thing.message)
            return
        try:
            labels = checked_labels(thing.labels)
            with self._source.glance(thing.path) as file:
                learning.probe(file)
            is_here = self._is_here(thing.path)
        except PupilError as error:
            self.problems.add(thing.path, error.code, error.message)
        except Exception:  # each way of packing has errors of its own
            self.problems.add(thing.path, "damaged_in_zip", "This file is damaged in the zip.")
        else:
            self._already += is_here
            self._count_picture(thing.path, labels)

    def _count_picture(self, path: str, labels: Mapping[str, bool]) -> None:
        self.pictures += 1
        self._unlabelled += not labels
        mark = (self._source.size(path), self._source.check(path))
        self._twice += mark in self._seen
        self._seen.add(mark)
        for name, is_positive in labels.items():
            self._names.setdefault(name_key(name), name)
            (self._positives if is_positive else self._negatives)[name_key(name)] += 1

    def _is_here(self, path: str) -> bool:
        """Whether the project has this picture; only those of the same size are hashed."""
        if self._source.size(path) not in self._known_sizes:
            return False
        digest = hashlib.sha256()
        with self._source.open(path) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return Image.objects.filter(project=self._project, sha256=digest.hexdigest()).exists()

    def to_dict(self) -> dict[str, Any]:
        known = Concept.objects.filter(project=self._project).values_list("name_key", flat=True)
        here = set(known) if self._project else set()
        return {
            "pictures": self.pictures,
            "already": self._already,
            "twice": self._twice,
            "unlabelled": self._unlabelled,
            "labels": self._positives.total() + self._negatives.total(),
            "concepts": [
                {
                    "name": name,
                    "positives": self._positives[key],
                    "negatives": self._negatives[key],
                    "is_new": key not in here,
                }
                for key, name in sorted(self._names.items())
            ],
            **self.problems.to_dict(),
        }
