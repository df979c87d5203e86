"""An archive as a project: everything is checked first, and the rows come in all together."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model

from webapp import events, learning
from webapp.formats import Source
from webapp.models import Concept, Embedding, Image, Job, Opinion, Project, User, Version
from webapp.models.concepts import MAX_PERSON_CHARACTERS
from webapp.services import jobs, projects, quotas, viewing
from webapp.services.archiving import checking
from webapp.services.archiving import manifest as manifests
from webapp.services.archiving.tables import (
    CARRIED,
    Ids,
    Row,
    Table,
    dates_of,
    read_rows,
    set_up,
    unpacked,
)
from webapp.services.concepts import COLOURS, MAX_NAME_CHARACTERS
from webapp.services.images import storage_name
from webapp.services.words import document
from webapp.text import clean_filename, clean_name, name_key

_CHUNK_BYTES = 2**20
_IN_MEMORY_BYTES = 2 * 2**20
# A refined network of the largest backbone takes a tenth of it.
_MAX_ARTIFACT_BYTES = 512 * 2**20
# As `training.formats` names stored files.
_ENDINGS = ("jpg", "png", "gif", "webp", "bmp", "tiff", "heic", "avif")


_DAMAGES = (
    *(AttributeError, LookupError, TypeError, ValueError),
    *(DataError, IntegrityError, ValidationError),
)


def restore(source: Source, project: Project, job: Job, user: User) -> None:
    """Fill an empty project from an archive and close the job, both or neither.

    Raises:
        QuotaExceeded: there is no room for it; no row was written.
        Invalid: the archive is damaged; no row was written.
        LostClaimError: somebody else restores it; no row was written.
    """
    manifest = manifests.read(source)
    checking.check_room(source, manifest, project, user)
    checking.check_files(source, manifest, job)
    counts = manifest["counts"]
    result = {
        "added": counts.get("image", 0),
        "already": 0,
        "labels": counts.get("label", 0),
        "versions": counts.get("version", 0),
        "problems": [],
        "problem_count": 0,
    }
    try:
        with transaction.atomic():
            _Restoration(source, project, manifest, user).run()
            quotas.take(user=user, project=project, size=0, pictures=0)  # its rows are there
            # In one with the rows: restored again, they would look damaged and be thrown away.
            jobs.succeed([job], result=result)
    except _DAMAGES as error:
        raise manifests.damaged("Its rows do not fit together.") from error


class _Restoration:
    """Rows and files on their way into a project."""

    def __init__(
        self, source: Source, project: Project, manifest: dict[str, Any], user: User
    ) -> None:
        self._source, self._project, self._manifest = source, project, manifest
        self._user = user
        self._ids: Ids = {}

    def run(self) -> None:
        for table in CARRIED:
            self._ids[table.model] = {}
            if table.filename not in self._source:
                continue
            with self._source.open(table.filename) as file:
                for rows in read_rows(file):
                    self._write(table, rows)
        self._set_up()
        self._index_the_rest()

    def _write(self, table: Table, rows: list[Row]) -> None:
        made = [unpacked(table, row, self._project, self._ids) for row in rows]
        given = {name: [getattr(row, name) for row in made] for name in dates_of(table.model)}
        for row, old in zip(made, rows, strict=True):
            self._finish(row, old)
        table.model._default_manager.bulk_create(made)
        ids = self._ids[table.model]
        ids |= {old["id"]: row.pk for old, row in zip(rows, made, strict=True)}
        if table.model is Image:  # its near-duplicates are called by the first one's id
            given["group"] = [ids.get(old.get("group", 0)) for old in rows]
        for name, values in given.items():  # Django has put today into its dates
            for row, value in zip(made, values, strict=True):
                setattr(row, name, value)
        if given:
            table.model._default_manager.bulk_update(made, list(given))

    def _finish(self, row: Model, old: Row) -> None:
        """Fill what is not taken from an archive on trust."""
        if isinstance(row, Concept):
            row.name = clean_name(row.name, max_characters=MAX_NAME_CHARACTERS)
            row.name_key = name_key(row.name)
            if not (
                len(row.colour) == 7 and row.colour.startswith("#") and row.colour[1:].isalnum()
            ):
                row.colour = COLOURS[0]
        elif isinstance(row, Image):
            self._finish_image(row)
        elif isinstance(row, Opinion):
            row.person = clean_name(row.person, max_characters=MAX_PERSON_CHARACTERS)
        elif isinstance(row, Version):
            row.artifact = self._artifact(int(old["number"]))
        elif isinstance(row, Embedding):
            _check_vector(row)

    def _finish_image(self, image: Image) -> None:
        image.filename, image.created_by = clean_filename(image.filename), self._user
        image.words = document(filename=image.filename, note=image.note, taken_at=image.taken_at)
        stored = {kind: self._kept(image, kind) for kind in ("original", "thumbnail", "display")}
        if not stored["original"]:
            raise LookupError(image.sha256)
        for kind, name in stored.items():
            setattr(image, kind, name)
        if image.status == Image.Status.READY and not image.thumbnail:
            image.status = Image.Status.PENDING

    def _kept(self, image: Image, kind: str) -> str:
        """Store one of a picture's files; return its name, empty where it has none."""
        prefix = f"{kind}s/{image.sha256}."
        path = next((prefix + e for e in _ENDINGS if prefix + e in self._source), None)
        if path is None:
            return ""
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as copy:
            digest = _copy(self._source.open(path), copy)
            info = learning.probe(copy)
            if kind == "original":
                if digest != image.sha256:
                    raise ValueError(path)
                image.content_type, image.byte_size = info.content_type, self._source.size(path)
                image.width, image.height = info.width, info.height
            name = storage_name(self._project.pk, f"{kind}s", image.sha256, info.extension)
            copy.seek(0)
            return default_storage.save(name, File(copy))

    def _artifact(self, number: int) -> str:
        path = f"versions/{number}.safetensors"
        if self._source.size(path) > _MAX_ARTIFACT_BYTES:
            raise ValueError(path)
        name = f"{projects.folder(self._project.pk)}/versions/{uuid.uuid4().hex}.safetensors"
        with tempfile.NamedTemporaryFile() as copy:
            _copy(self._source.open(path), copy)
            copy.flush()
            learning.check_artifact(Path(copy.name))
            copy.seek(0)
            return default_storage.save(name, File(copy))

    def _set_up(self) -> None:
        shown = Version.objects.filter(
            project=self._project, number=self._manifest.get("shown_version") or 0
        ).first()
        set_up(self._project, self._manifest["settings"])
        self._project.version = shown
        self._project.save()
        if shown and self._project.labels_revision > shown.labels_revision:
            jobs.enqueue_for_project(kind=Job.Kind.DRAFT, project_id=self._project.pk, user=None)
        viewing.want(self._project.pk)
        events.publish_on_commit(self._project.pk, "project")

    def _index_the_rest(self) -> None:
        """Have read what was not read yet, or was read by another backbone."""
        mine = Image.objects.filter(project=self._project)
        unread = mine.exclude(status=Image.Status.FAILED).exclude(
            embeddings__fingerprint=learning.fingerprint()
        )
        waiting = set(unread.values_list("pk", flat=True))
        waiting |= set(mine.filter(status=Image.Status.PENDING).values_list("pk", flat=True))
        jobs.enqueue(
            kind=Job.Kind.INDEX,
            project_id=self._project.pk,
            subject_ids=sorted(waiting),
            user=None,
        )


def _copy(source: IO[bytes], target: Any) -> str:
    digest = hashlib.sha256()
    with source:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
    target.seek(0)
    return digest.hexdigest()


def _check_vector(embedding: Embedding) -> None:
    import numpy as np

    length = float(np.linalg.norm(embedding.vector.to_numpy().astype(np.float32)))
    if not 0.9 < length < 1.1:
        raise ValueError("not a unit vector")
