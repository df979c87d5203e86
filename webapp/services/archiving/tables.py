"""Which rows an archive carries, and how a row becomes JSON and a row again.

Rows go by the models' own fields, so that a new field is carried without a word here. A new model
must be named here, carried or left behind; a test says so.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Model, QuerySet
from pgvector import HalfVector
from pgvector.django import HalfVectorField

from webapp.models import (
    Concept,
    Embedding,
    Image,
    ImageTag,
    Label,
    Prediction,
    Project,
    SavedSearch,
    User,
    Version,
    VersionEvent,
)

Row = dict[str, Any]
Ids = dict[type[Model], dict[int, int]]
Rewrite = Callable[[Any, Ids], Any]


@dataclass(frozen=True)
class Table:
    """A model whose rows an archive carries.

    Attributes:
        model: it.
        path: how its rows are found by project.
        rewritten: of JSON fields that hold ids, how they get their new ones.
    """

    model: type[Model]
    path: str
    rewritten: Mapping[str, Rewrite]

    @property
    def filename(self) -> str:
        return f"rows/{self.model._meta.model_name}.jsonl"

    def rows(self, project: Project) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{self.path: project}).order_by("pk")


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
    "user", "apitoken", "membership", "invitation", "opinion",  # of people of this installation
    "project",  # its settings stand in the manifest
    "job", "draft", "import", "export", "auditentry", "finding", "views",  # made again when needed
}  # fmt: skip

_SETTINGS_LEFT = {"id", "name", "version", "erased_at", "created_at"}


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


def packed(row: Model) -> Row:
    """Return a row as JSON-able values; whose deed it was stays behind."""
    values: Row = {}
    for field in row._meta.concrete_fields:
        if _stays(field):
            continue
        value = getattr(row, field.attname)
        if isinstance(field, HalfVectorField):
            value = base64.b64encode(HalfVector(value).to_binary()).decode()
        values[field.attname] = value
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


def chunked(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """Yield rows in lists of up to ``size``."""
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
