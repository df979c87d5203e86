"""How good a version is, from what it said of pictures that it had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from webapp import learning
from webapp.errors import Conflict, NotFound
from webapp.models import Image, Label, Version
from webapp.models.learning import thresholds_in_use

if TYPE_CHECKING:
    from training.estimates import ReliabilityBin
    from training.evaluate import ConceptEvaluation
    from training.judgements import Judgements


class Source(StrEnum):
    """What is judged by: each picture it learned from left out in turn, or test pictures."""

    LEFT_OUT = "left_out"
    TEST = "test"


@dataclass(frozen=True)
class Cell:
    """Pictures of one concept that were taken for one, or for none of them."""

    true: str
    found: str | None
    images: list[int]
    count: int


@dataclass(frozen=True)
class Overview:
    """All concepts of a version.

    Attributes:
        source: what is judged by.
        counts: how many pictures each source has.
        figures: per concept, at the thresholds that count.
        cells: of the confusion matrix, those that are not empty.
    """

    source: Source
    counts: dict[Source, int]
    figures: list[ConceptEvaluation]
    cells: list[Cell]


@dataclass(frozen=True)
class Judged:
    """One prediction: what people had said, and what they say now.

    Attributes:
        image: None where the picture was deleted since.
        label: 1 or -1, with what labels imply.
        now: 1, -1, or 0 where nobody says anything of this concept now.
        probability: that the concept is shown.
        claimable: whether a threshold could let it count; of exclusive concepts only the best may.
    """

    image: int | None
    label: int
    now: int
    probability: float
    claimable: bool


@dataclass(frozen=True)
class Closely:
    """One concept of a version.

    Attributes:
        figures: at the threshold that counts.
        predictions: surest first.
        reliability: how often predictions came true.
    """

    figures: ConceptEvaluation
    predictions: list[Judged]
    reliability: list[ReliabilityBin]


@dataclass(frozen=True)
class Learned:
    """A label that a version learned from, or was tested by."""

    image: int | None
    sha256: str
    concept: str
    is_positive: bool
    is_test: bool


def overview(version: Version, source: Source) -> Overview:
    """Return the figures of all concepts and the confusion matrix.

    Raises:
        Conflict: an early Pupil made this version and kept too little.
    """
    record, kept = _kept(version)
    verdicts, ids = _verdicts(version, source)
    names = [*verdicts.names, None]
    held_out = int(kept.held_out.sum())
    cells = [
        Cell(verdicts.names[true], names[found], [i for row in rows if (i := ids[row])], len(rows))
        for (true, found), rows in sorted(verdicts.confusion().items())
    ]
    counts = {Source.LEFT_OUT: len(record.hashes) - held_out, Source.TEST: held_out}
    return Overview(source, counts, verdicts.figures(), cells)


def closely(version: Version, source: Source, concept: str) -> Closely:
    """Return every prediction of one concept.

    Raises:
        Conflict: as above.
        NotFound: the version knows no such concept.
    """
    verdicts, ids = _verdicts(version, source)
    if concept not in verdicts.names:
        raise NotFound("This version knows no such concept.", code="concept_not_found")
    column = verdicts.names.index(concept)
    concept_id = version.concepts[column]["id"]
    labels = Label.objects.filter(concept=concept_id).values_list("image_id", "is_positive")
    now = {image_id: 1 if is_positive else -1 for image_id, is_positive in labels}
    targets = verdicts.judgements.judged[:, column]
    probabilities = verdicts.judgements.probabilities[:, column]
    claimable = verdicts.claimable(column)
    predictions = [
        Judged(
            image=ids[row],
            label=int(targets[row]),
            now=now.get(ids[row] or 0, 0),
            probability=float(probabilities[row]),
            claimable=bool(claimable[row]),
        )
        for row in (-probabilities).argsort(kind="stable").tolist()
        if targets[row]
    ]
    return Closely(verdicts.figures()[column], predictions, verdicts.reliability(column))


def labels(version: Version) -> list[Learned]:
    """Return the exact labels that a version learned from.

    Raises:
        Conflict: as above.
    """
    record, kept = _kept(version)
    ids = _ids(version, record.hashes)
    rows, columns = kept.labels.nonzero()
    return [
        Learned(
            image=ids[row],
            sha256=record.hashes[row],
            concept=version.concepts[column]["name"],
            is_positive=bool(kept.labels[row, column] > 0),
            is_test=bool(kept.held_out[row]),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def _verdicts(version: Version, source: Source) -> tuple[learning.Verdicts, list[int | None]]:
    record, kept = _kept(version)
    is_test = source is Source.TEST
    verdicts = learning.Verdicts.at(
        kept.only(held_out=is_test),
        [concept["name"] for concept in version.concepts],
        thresholds_in_use(version.concepts, version.thresholds),
        is_exclusive=record.is_exclusive,
    )
    mine = [h for h, held in zip(record.hashes, kept.held_out, strict=True) if held == is_test]
    return verdicts, _ids(version, mine)


def _kept(version: Version) -> tuple[learning.Record, Judgements]:
    record = learning.load_record(version.artifact)
    if record.judgements is None:
        raise Conflict(
            "This version was made before Pupil kept what it said of each picture. Train again.",
            code="not_kept",
        )
    return record, record.judgements


def _ids(version: Version, hashes: Sequence[str]) -> list[int | None]:
    images = Image.objects.filter(project=version.project_id)
    found = dict(images.filter(sha256__in=hashes).values_list("sha256", "pk"))
    return [found.get(sha256) for sha256 in hashes]
