"""Folder-per-concept: each folder's name is a concept, its files are positive examples."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.base import File

from webapp import events
from webapp.errors import Busy, Invalid, PupilError
from webapp.models import Job, Project, User, Version
from webapp.selectors import summary
from webapp.selectors.summary import Counts
from webapp.services import images, jobs, projects, teaching
from webapp.services.images import Refused, Upload
from webapp.text import clean

POLL_SECONDS = 2.0
TRAIN_TIMEOUT_SECONDS = 600


@dataclass
class FolderLesson:
    """A folder, the project it teaches, and which files are done with."""

    folder: Path
    project: Project
    user: User
    seen: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """By path: size in bytes and time of change in nanoseconds."""

    def count_new(self) -> int:
        return len(_new_files(self))


def open_lesson(*, folder: Path, project_name: str, user: User) -> FolderLesson:
    """Return the lesson of a folder in the person's project of this name, made if new.

    Raises:
        Invalid: the folder is not there, or holds no folder with files.
    """
    if not folder.is_dir():
        raise Invalid(f"There is no folder {folder}.", code="folder_missing")
    if not _files(folder):
        raise Invalid(
            f"{folder} should hold one folder of pictures per concept.", code="folder_empty"
        )
    mine = Project.objects.filter(members=user, erased_at=None)
    known = mine.filter(name=clean(project_name)).first()
    project = known or projects.create(user=user, name=project_name)
    return FolderLesson(folder, project, user)


def import_new(lesson: FolderLesson) -> Iterator[Refused | None]:
    """Take in what is new since last time; yield for each file what was wrong with it."""
    for path, stamp in _new_files(lesson).items():
        lesson.seen[path] = stamp
        with path.open("rb") as file:
            outcome = images.ingest(
                project=lesson.project,
                user=lesson.user,
                uploads=[Upload(path.name, File(file))],
                concepts=[path.parent.name],
            )
        yield next(iter(outcome.errors), None)


def until_indexed(lesson: FolderLesson) -> Iterator[Counts]:
    """Yield the project's counts until no picture waits any more."""
    while True:
        counts = summary.counts(lesson.project)
        yield counts
        if not counts.pending:
            return
        _wait_for_event(lesson)


def train(lesson: FolderLesson) -> Version:
    """Make a version.

    Raises:
        PupilError: it failed, or no worker came to it.
    """
    job = teaching.start(project=lesson.project, user=lesson.user)
    job = jobs.wait(job, timeout_seconds=TRAIN_TIMEOUT_SECONDS)
    if job.state == Job.State.FAILED:
        raise PupilError(job.error_message, code=job.error_code)
    if job.state != Job.State.SUCCEEDED:
        raise Busy("No worker came to train. Is `make run` running?")
    return Version.objects.get(project=lesson.project, number=job.result["version"])


def _new_files(lesson: FolderLesson) -> dict[Path, tuple[int, int]]:
    found = _files(lesson.folder)
    return {path: stamp for path, stamp in found.items() if lesson.seen.get(path) != stamp}


def _files(folder: Path) -> dict[Path, tuple[int, int]]:
    files = sorted(
        path
        for path in folder.glob("*/*")
        if path.is_file() and not path.name.startswith(".") and not path.parent.name.startswith(".")
    )
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def _wait_for_event(lesson: FolderLesson) -> None:
    """Return at the project's next event, or after a while: an event may have been missed."""
    heard = events.listen(lesson.project.pk, timeout_seconds=POLL_SECONDS)
    next(heard, None)
    next(heard, None)
