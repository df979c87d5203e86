"""Take it away: a version as one ONNX file, handed out only once it answers as Pupil does."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from webapp import events, learning
from webapp.errors import Conflict, NotFound
from webapp.learning import exports
from webapp.models import Export, Image, Job, Project, User, Version
from webapp.models.learning import thresholds_in_use
from webapp.services import embedding, jobs, projects, versions
from webapp.services.scoring import Scorer

COMPARED_PICTURES = 100


def start(*, version: Version, user: User) -> Job:
    """Want a version's file; a job that waits or runs already serves both.

    Raises:
        Conflict: it was trained on another backbone.
    """
    versions.check_backbone(version)
    mine = Job.objects.filter(kind=Job.Kind.EXPORT, subject_id=version.pk)
    with transaction.atomic():
        under_way = mine.filter(state__in=Job.GOING_ON).select_for_update().first()
        if under_way:
            return under_way
        jobs.enqueue(
            kind=Job.Kind.EXPORT,
            project_id=version.project_id,
            subject_ids=[version.pk],
            user=user,
        )
        return mine.latest("id")


def export(job: Job) -> None:
    """Write the file, compare it with the app on the project's pictures, and keep it if it agrees.

    Raises:
        Conflict: it does not, or there is no picture to compare on.
        PupilError: it could not be written.
    """
    version = Version.objects.select_related("project").filter(pk=job.subject_id).first()
    if version is None:
        jobs.drop(job)
        return
    thresholds = thresholds_in_use(version.concepts, version.thresholds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "version.onnx"
        exports.write_onnx(
            version.artifact,
            path,
            backbone=learning.name_of(embedding.untuned(version)),
            thresholds=thresholds,
            metadata=_metadata(version),
        )
        jobs.advance(job, done=1, total=2)
        parity = _compared(version, path)
        with path.open("rb") as file:
            name = f"{projects.folder(version.project_id)}/exports/{uuid.uuid4().hex}.onnx"
            name = default_storage.save(name, File(file))
        size = path.stat().st_size
    with transaction.atomic():
        before = Export.objects.filter(version=version).values_list("file", flat=True).first()
        Export.objects.update_or_create(
            version=version,
            defaults={
                "file": name,
                "byte_size": size,
                "parity": parity,
                "thresholds": thresholds,
            },
        )
        jobs.succeed([job], result={"version": version.number, "parity": parity})
        if before:
            transaction.on_commit(lambda: default_storage.delete(before))
        events.publish_on_commit(version.project_id, "job", id=job.pk, state=Job.State.SUCCEEDED)
        events.publish_on_commit(version.project_id, "version", number=version.number)


def current(version: Version) -> Export | None:
    """Return a version's file, unless somebody moved a threshold since it was written."""
    export = Export.objects.filter(version=version).first()
    in_use = thresholds_in_use(version.concepts, version.thresholds)
    return export if export and export.thresholds == in_use else None


def get(version: Version) -> Export:
    """Return a version's file.

    Raises:
        NotFound: there is none yet, or it is out of date.
    """
    export = current(version)
    if export is None:
        raise NotFound("This version has no ONNX file yet.", code="export_not_found")
    return export


def filename(version: Version) -> str:
    return f"{_plain(version.project)}-v{version.number}.onnx"


def _compared(version: Version, path: Path) -> dict[str, object]:
    head = Scorer.of(
        learning.load_head(version.artifact), version.concepts, version.thresholds
    ).head
    parity = exports.compare(path, head, embedding.embedder_of(version), _pictures(version.project))
    if not parity["pictures"]:
        raise Conflict(
            "There is no picture in this project to compare the file with Pupil on.",
            code="nothing_to_compare",
        )
    if not parity["holds"]:
        raise Conflict(
            f"The file would not answer as Pupil does: on {parity['pictures']} of your pictures "
            f"it differs by up to {parity['max_difference']:.4f}. It was not kept.",
            code="parity_broken",
            details=parity,
        )
    return parity


def _pictures(project: Project) -> Iterator[IO[bytes]]:
    """Open pictures from all over a project."""
    ready = Image.objects.filter(project=project, status=Image.Status.READY).order_by("pk")
    names = list(ready.values_list("original", flat=True))
    step = max(1, len(names) // COMPARED_PICTURES)
    for name in names[::step][:COMPARED_PICTURES]:
        try:
            file = default_storage.open(name)
        except FileNotFoundError:
            continue
        with file:
            yield file


def _metadata(version: Version) -> dict[str, str]:
    return {
        "project": version.project.name,
        "version": str(version.number),
        "made_at": version.created_at.isoformat(),
        "made_by": "Pupil",
        "input": "pixels: (height, width, 3) uint8 RGB, upright, of any size",
    }


def _plain(project: Project) -> str:
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in project.name.lower())
    return "-".join(filter(None, letters.split("-")))[:60] or "project"
