"""Which rows an archive carries, and how a row becomes JSON and a row again.

Rows go by the models' own fields, so that a new field is carried without a word here. A new model
must be named here, carried or left behind; a test says so.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, cast

from django.contrib.postgres.search import SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Model, QuerySet, Window
from django.db.models.functions import DenseRank
from pgvector import HalfVector
from pgvector.django import HalfVectorField

from webapp.errors import Invalid
from webapp.models import (
    Concept,
    Embedding,
    Image,
    ImageTag,
    Label,
    Opinion,
    Prediction,
    Project,
    SavedSearch,
    User,
    Version,
    VersionEvent,
)

_ROWS_AT_ONCE = 500
MAX_ROW_BYTES = 16 * 2**20  # and of those read at once

Row = dict[str, Any]
Ids = dict[type[Model], dict[int, int]]
Rewrite = Callable[[Any, Ids], Any]


@dataclasses.dataclass(frozen=True)
class Table:
    """A model whose rows an archive carries.

    Attributes:
        model: it.
        path: how its rows are found by project.
        rewritten: of JSON fields that hold ids, how they get their new ones.
        told: of fields that are told otherwise than they are kept, how.
        worked_out: what that needs of the database.
    """

    model: type[Model]
    path: str
    rewritten: Mapping[str, Rewrite]
    told: Mapping[str, Callable[[Any], Any]] = dataclasses.field(default_factory=dict)
    worked_out: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def filename(self) -> str:
        return f"rows/{self.model._meta.model_name}.jsonl"

    def rows(self, project: Project) -> QuerySet[Any]:
        mine: QuerySet[Any] = self.model._default_manager.filter(**{self.path: project})
        in_order: QuerySet[Any] = mine.annotate(**self.worked_out).order_by("pk")
        return in_order


def _concept_list(value: Any, ids: Ids) -> Any:
    known = ids[Concept]
    return [{**one, "id": known.get(one["id"], -one["id"])} for one in value]


def _by_concept(value: Any, ids: Ids) -> Any:
    known = ids[Concept]
    return {str(known[int(key)]): one for key, one in value.items() if int(key) in known}


def _evaluation(value: Any, ids: Ids) -> Any:
    """Pictures that were judged wrongly are named by id."""
    wrong = value.get("wrong")
    if not isinstance(wrong, list):
        return value
    known = ids[Image]
    kept = [{**one, "image": known[one["image"]]} for one in wrong if one.get("image") in known]
    return {**value, "wrong": kept}


# In an order in which each finds what it points to.
CARRIED = (
    Table(Concept, "project", {}),
    Table(Image, "project", {}),
    Table(ImageTag, "image__project", {}),
    Table(Label, "image__project", {}),
    # Who said it is of this installation; that others said otherwise is the project's.
    Table(
        Opinion,
        "image__project",
        {},
        told={"person": lambda opinion: f"Person {opinion.number}"},
        worked_out={"number": Window(DenseRank(), order_by=["user_id", "person"])},
    ),
    Table(Embedding, "project", {}),
    Table(
        Version,
        "project",
        {"concepts": _concept_list, "thresholds": _by_concept, "evaluation": _evaluation},
    ),
    Table(VersionEvent, "project", {}),
    Table(SavedSearch, "project", {}),
    Table(Prediction, "image__project", {}),
)
LEFT_BEHIND = {
    "user", "apitoken", "membership", "invitation",  # of people of this installation
    "project",  # its settings stand in the manifest
    # Made again when needed.
    "job", "draft", "import", "export", "auditentry", "finding", "views", "textdirection", "usage",
}  # fmt: skip

_SETTINGS_LEFT = {"id", "name", "version", "erased_at", "created_at"}
_SETTINGS_LEFT |= {"max_pictures", "max_bytes"}  # who runs an installation says what it allows


def settings_of(project: Project) -> Row:
    """Return a project's settings: all its plain fields."""
    return {field.attname: getattr(project, field.attname) for field in _settings()}


def set_up(project: Project, values: Row) -> None:
    """Give a project the settings of an archive, which may name others than it should."""
    for field in _settings():
        if field.attname in values:
            setattr(project, field.attname, field.to_python(values[field.attname]))


def _settings() -> list[Any]:
    return [
        field
        for field in Project._meta.concrete_fields
        if field.name not in _SETTINGS_LEFT and not field.is_relation
    ]


def packed(table: Table, row: Model) -> Row:
    """Return a row as JSON-able values; whose deed it was stays behind."""
    values: Row = {}
    for field in row._meta.concrete_fields:
        if _stays(field):
            continue
        value = getattr(row, field.attname)
        if isinstance(field, HalfVectorField):
            value = base64.b64encode(HalfVector(value).to_binary()).decode()
        tell = table.told.get(field.attname)
        values[field.attname] = tell(row) if tell else value
    return values


def unpacked(table: Table, values: Row, project: Project, ids: Ids) -> Model:
    """Return a row that is not saved yet, pointing to the new rows.

    Raises:
        LookupError: it points to a row that is not there.
        ValueError: a value is not what its field holds.
    """
    row = table.model()
    for field in table.model._meta.concrete_fields:
        if field.primary_key or field.attname not in values:
            continue
        setattr(row, field.attname, _value(field, values[field.attname], ids, table))
    if any(field.name == "project" for field in table.model._meta.concrete_fields):
        row.project = project  # type: ignore[attr-defined]
    return row


def dates_of(model: type[Model]) -> list[str]:
    """Return the fields that Django fills itself, whatever it is given."""
    return [
        field.attname
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]


def _value(field: Any, value: Any, ids: Ids, table: Table) -> Any:
    if isinstance(field, models.ForeignKey):
        if value is None:
            return None
        return ids[field.related_model][value]
    if isinstance(field, HalfVectorField):
        return HalfVector.from_binary(base64.b64decode(value, validate=True))
    if field.attname in table.rewritten:
        return table.rewritten[field.attname](value, ids)
    return value if isinstance(field, models.JSONField) else field.to_python(value)


def _stays(field: Any) -> bool:
    if isinstance(field, SearchVectorField):
        return True  # worked out from the rest
    return isinstance(field, models.ForeignKey) and field.related_model in {User, Project}


class Encoder(DjangoJSONEncoder):
    """Dates to the microsecond."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def read_rows(file: IO[bytes]) -> Iterator[list[Row]]:
    """Yield the rows of a file, some at a time: parsed, they take some twenty-five times as much.

    Raises:
        Invalid: one is far too long.
    """
    rows: list[Row] = []
    size = 0
    # A zip's entry reads lines of limited length a piece at a time, and slowly.
    with io.BufferedReader(cast("io.RawIOBase", file)) as lines:
        while line := lines.readline(MAX_ROW_BYTES + 1):
            if len(line) > MAX_ROW_BYTES:
                megabytes = MAX_ROW_BYTES // 2**20
                raise Invalid(f"A row is longer than {megabytes} MB.", code="row_too_large")
            rows.append(json.loads(line))
            size += len(line)
            if len(rows) == _ROWS_AT_ONCE or size > MAX_ROW_BYTES:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows
