"""A data set is taken in, picture by picture, once its person has said so."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from webapp import events
from webapp.errors import Conflict, Invalid, PupilError, TooLarge
from webapp.formats import READERS, Item, Problem, Source
from webapp.models import Import, Job, Label, Project, User
from webapp.services import archiving, images, jobs, labels, projects
from webapp.services.images import Upload
from webapp.services.importing import report
from webapp.services.importing.arriving import opened
from webapp.text import name_key

_CHUNK_BYTES = 2**20
_IN_MEMORY_BYTES = 2 * 2**20
_TELL_EVERY = 10


@transaction.atomic
def start(*, received: Import, user: User, project: Project | None = None, name: str = "") -> Job:
    """Want a data set taken in, into a project or a new one.

    Raises:
        Conflict: it was started before, or is not looked through yet.
    """
    waiting = Import.objects.select_for_update().get(pk=received.pk)
    if waiting.project_id is not None:
        raise Conflict("This import was started already.", code="import_started")
    if not waiting.report:
        raise Conflict("This was not looked through yet.", code="import_not_ready")
    is_archive = waiting.format == archiving.FORMAT
    if is_archive and project is not None:
        raise Invalid("A whole project becomes a project of its own.", code="needs_new_project")
    if project is None:
        title = name or str(waiting.report.get("name") or "") or waiting.filename.split(".")[0]
        project = projects.create(user=user, name=title)
    job = jobs.want(kind=Job.Kind.IMPORT, project_id=project.pk, subject_id=waiting.pk, user=user)
    Import.objects.filter(pk=waiting.pk).update(project=project, job=job)
    return job


def take_in(job: Job) -> None:
    """Take a data set in, picture by picture; done again, it skips what is there.

    Raises:
        PupilError: it can't be used.
    """
    received = Import.objects.select_related("project", "user").filter(pk=job.subject_id).first()
    if received is None or received.project is None:
        jobs.drop(job)
        return
    with opened(received.file) as source:
        if received.format == archiving.FORMAT:
            archiving.restore(source, received.project, job, received.user)
        else:
            jobs.succeed([job], result=_Intake(received, job).run(source))
    events.publish_on_commit(job.project_id, "job", id=job.pk, state=Job.State.SUCCEEDED)
    default_storage.delete(received.file)


def give_up(job: Job, error: PupilError) -> None:
    """Close an import that can't go on."""
    if jobs.fail(job, error):  # else somebody took it over: what they made of it is not ours
        clear_up(job)


def clear_up(job: Job) -> None:
    """Erase the project that an archive could not fill: half a project is no project."""
    received = Import.objects.select_related("project", "user").filter(pk=job.subject_id).first()
    if received and received.project and received.format == archiving.FORMAT:
        projects.erase(project=received.project, user=received.user)


class _Intake:
    """One import under way."""

    def __init__(self, received: Import, job: Job) -> None:
        self._job, self._project, self._user = job, cast("Project", received.project), received.user
        self._format, self._total = received.format, max(1, received.report.get("pictures", 1))
        self._counts = {"added": 0, "already": 0, "labels": 0}
        self._problems = report.Problems()

    def run(self, source: Source) -> dict[str, Any]:
        reader = next(reader for reader in READERS if reader.name == self._format)
        self._problems.of_source(source)
        for number, thing in enumerate(reader.items(source)):
            if number % _TELL_EVERY == 0:
                jobs.advance(self._job, done=min(number, self._total), total=self._total)
            if isinstance(thing, Problem):
                self._problems.add(thing.item, thing.code, thing.message)
            else:
                self._take(source, thing)
        return {**self._counts, **self._problems.to_dict()}

    def _take(self, source: Source, item: Item) -> None:
        try:
            checked = report.checked_labels(item.labels)
            with _unpacked(source, item.path) as file, transaction.atomic():
                self._write(Upload(item.path, file), checked)
        except PupilError as error:
            self._problems.add(item.path, error.code, error.message)

    def _write(self, upload: Upload, said: dict[str, bool]) -> None:
        outcome = images.ingest(project=self._project, user=self._user, uploads=[upload])
        if outcome.errors:
            refused = outcome.errors[0]
            raise Invalid(refused.message, code=refused.code)
        [ingested] = outcome.images
        known = Label.objects.filter(image=ingested.image).values_list(
            "concept__name_key", flat=True
        )
        # What people marked here stands.
        new = {name: value for name, value in said.items() if name_key(name) not in set(known)}
        labels.set_labels(
            project=self._project,
            user=self._user,
            changes=[labels.Change(ingested.image.pk, name, value) for name, value in new.items()],
        )
        self._counts["already" if ingested.is_duplicate else "added"] += 1
        self._counts["labels"] += len(new)


@contextmanager
def _unpacked(source: Source, path: str) -> Iterator[File[bytes]]:
    """Unpack a picture into memory or a nameless file.

    Raises:
        Invalid: it is damaged.
        TooLarge: it is too large.
    """
    if source.size(path) > settings.MAX_IMAGE_BYTES:
        limit = settings.MAX_IMAGE_BYTES // 2**20
        raise TooLarge(f"The picture is larger than {limit} MB.")
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
        try:
            with source.open(path) as entry:
                while chunk := entry.read(_CHUNK_BYTES):
                    file.write(chunk)
        except Exception as error:  # each way of packing has errors of its own
            raise Invalid("This file is damaged in the zip.", code="damaged_in_zip") from error
        file.seek(0)
        yield File(file, name=path)
