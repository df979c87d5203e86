"""Files on disk that are complete or not there at all, and what a storage says that is away."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from webapp.embedded import paths

_READABLE = 0o644


class StorageAwayError(OSError):
    """Where files are kept does not answer just now, which says nothing of the file."""


class DurableFileStorage(FileSystemStorage):
    """Keeps each file under its own name, written to the disk before it gets that name.

    Names tell the content, so writing one again is harmless: the same bytes replace themselves.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_overwrite": True, **options})

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        _make_folder(target.parent)
        unfinished = paths.unfinished_files(Path(self.location))
        unfinished.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=unfinished)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fchmod(file.fileno(), _READABLE)
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return name


def _make_folder(folder: Path) -> None:
    """Make a folder whose name, and those of the folders it lies in, are on the disk too."""
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Write a folder's list of names to the disk; without it a new name may be lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
