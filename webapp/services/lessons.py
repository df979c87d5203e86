"""What a head learns from, what it is tested on, and the fit itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp import learning
from webapp.errors import Invalid
from webapp.models import Label, Project
from webapp.models.learning import TaughtConcept
from webapp.selectors import vectors as vector_selectors
from webapp.selectors.vectors import Vectors

if TYPE_CHECKING:
    import numpy as np

    from training.heads import FitResult

_Said = tuple[int, int, bool]


@dataclass(frozen=True)
class Examples:
    """Labelled pictures.

    Attributes:
        image_ids: ascending.
        hashes: their SHA-256, which outlast ids.
        groups: of near-duplicates; never divided between what is fitted and what is judged.
        labels: (images, concepts) int8: 1 positive, -1 negative, 0 not said.
    """

    image_ids: list[int]
    hashes: list[str]
    groups: list[int]
    labels: np.ndarray


@dataclass(frozen=True)
class Lesson:
    """The labels of the indexed pictures, at one moment.

    Attributes:
        concepts: id and name of each concept that has a positive example.
        learned: what a head is fitted on.
        tests: pictures kept for testing, which no head is fitted on.
        revision: the project's when they were read.
    """

    concepts: list[tuple[int, str]]
    learned: Examples
    tests: Examples
    revision: int


def read(project: Project, *, fingerprint: str) -> Lesson:
    """Read the labels of pictures that have vectors known by a fingerprint.

    Concepts without a positive example are left out.

    Raises:
        Invalid: no picture with a positive label could be read.
    """
    # Before the labels: one that is set in between then counts as not learned yet.
    revision = Project.objects.values_list("labels_revision", flat=True).get(pk=project.pk)
    labels = list(
        Label.objects.filter(
            image__project=project,
            image__embeddings__fingerprint=fingerprint,
        ).values_list(
            "image_id",
            "concept_id",
            "is_positive",
            "image__is_test",
            "image__sha256",
            "image__group",
            "concept__name",
        )
    )
    # What is nearly a test picture would give its answer away.
    tested = {said[5] for said in labels if said[3] and said[5]}
    labels = [(*said[:3], said[3] or said[5] in tested, *said[4:]) for said in labels]
    concepts = sorted({(said[1], said[6]) for said in labels if said[2] and not said[3]})
    if not concepts:
        raise Invalid(
            "None of the pictures you marked could be read, so there is nothing to learn from.",
            code="nothing_to_learn",
        )
    columns = {concept_id: column for column, (concept_id, _) in enumerate(concepts)}
    known = {said[0]: (said[4], said[5] or said[0]) for said in labels}

    def examples(is_test: bool) -> Examples:
        mine = [said[:3] for said in labels if said[3] is is_test and said[1] in columns]
        return _examples(mine, columns, known)

    return Lesson(concepts, examples(False), examples(True), revision)


def _examples(
    said: Iterable[_Said], columns: dict[int, int], known: dict[int, tuple[str, int]]
) -> Examples:
    import numpy as np

    said = list(said)
    image_ids = sorted({image_id for image_id, _, _ in said})
    rows = {image_id: row for row, image_id in enumerate(image_ids)}
    labels = np.zeros((len(rows), len(columns)), np.int8)
    for image_id, concept_id, is_positive in said:
        labels[rows[image_id], columns[concept_id]] = 1 if is_positive else -1
    hashes = [known[image_id][0] for image_id in image_ids]
    groups = [known[image_id][1] for image_id in image_ids]
    return Examples(image_ids, hashes, groups, labels)


def fit(
    project: Project,
    lesson: Lesson,
    vectors: Vectors,
    *,
    fingerprint: str,
    tuned_from: str = "",
) -> FitResult:
    """Fit a head on a lesson.

    Args:
        project: whose.
        lesson: what it learns.
        vectors: of its pictures.
        fingerprint: what they are known by.
        tuned_from: what those of the backbone are known by, where it was tuned.
    """
    views = None
    if len(lesson.learned.image_ids) <= learning.most_viewed():
        views = vector_selectors.views_of(lesson.learned.image_ids, fingerprint)
    return learning.fit(
        vectors.of(lesson.learned.image_ids),
        lesson.learned.labels,
        concepts=[name for _, name in lesson.concepts],
        image_ids=lesson.learned.image_ids,
        groups=lesson.learned.groups,
        is_exclusive=project.exclusive,
        known_by=fingerprint,
        tuned_from=tuned_from,
        views=views,
    )


def taught_concepts(lesson: Lesson, result: FitResult) -> list[TaughtConcept]:
    """Return what rows keep of the head's outputs, in their order."""
    return [
        {"id": concept_id, "name": name, "threshold": round(float(threshold), 6)}
        for (concept_id, name), threshold in zip(
            lesson.concepts, result.head.thresholds, strict=True
        )
    ]


def artifact(
    lesson: Lesson,
    result: FitResult,
    vectors: Vectors,
    *,
    refined: Mapping[str, np.ndarray] | None = None,
) -> bytes:
    """Return the head with the exact labels it learned from and what it says of unseen pictures.

    Refined networks bring their weights along.
    """
    import numpy as np

    tested = vectors.of(lesson.tests.image_ids)
    return learning.dump_head(
        result.head,
        hashes=[*lesson.learned.hashes, *lesson.tests.hashes],
        labels=np.concatenate([lesson.learned.labels, lesson.tests.labels]),
        probabilities=np.concatenate([result.left_out, result.head.probabilities(tested)]),
        groups=[*lesson.learned.groups, *lesson.tests.groups],
        tests=len(tested),
        pulls=result.pulls,
        viewed=result.viewed,
        refined=refined,
    )
