"""A whole installation in one file, and back: database, files of the storage, own backgrounds.

The dump comes first, so a file that its rows name may have been deleted since; its rows go when the
archive is put back. What was added after the dump is left out: no row names it.
"""

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.utils import validate_file_name
from django.core.management import call_command
from django.db import connection

from webapp.errors import Conflict, Invalid
from webapp.learning.backgrounds import background_dir, keep_background
from webapp.models import Export, Image, Import, Project, Version
from webapp.services import database_tools

FORMAT = 1
_MANIFEST, _DUMP, _STORAGE, _END = "pupil.json", "database.dump", "storage/", "end"
_BACKGROUNDS = "backgrounds/"
_MAX_MANIFEST_BYTES = 2**16


@dataclass(frozen=True)
class Archived:
    files: int
    byte_size: int


@dataclass(frozen=True)
class Restored:
    files: int
    lost_images: int
    """Pictures and versions that were deleted while the archive was made, or are not in it."""
    lost_versions: int


def write(path: Path) -> Archived:
    """Write everything into a tar file, which gets its name when it is whole."""
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as out:
        archived = send(out)
    unfinished.replace(path)
    return archived


def send(out: IO[bytes]) -> Archived:
    """Write everything as a tar, in one go from its beginning to its end."""
    files = 0
    with tarfile.open(fileobj=out, mode="w|") as tar:
        manifest = {"format": FORMAT, "made_at": datetime.now(UTC).isoformat()}
        with tempfile.TemporaryFile() as dump:
            database_tools.dump(dump)
            names = _named_files()
            _add(tar, _MANIFEST, io.BytesIO(json.dumps(manifest).encode()))
            _add(tar, _DUMP, dump)
        for name in names:
            with _opened(name) as file:
                if file is not None:
                    _add(tar, _STORAGE + name, file)
                    files += 1
        for background in sorted(background_dir().glob("*.safetensors")):
            with background.open("rb") as file:
                _add(tar, _BACKGROUNDS + background.name, file)
        _add(tar, _END, io.BytesIO())
    return Archived(files, tar.offset)


def read(path: Path, *, may_replace: bool) -> Restored:
    """Put an archive in the place of all that is here, and bring its tables up to date.

    Raises:
        Invalid: it is no archive of ours, or a newer one, or its files can't be kept here.
        Conflict: there are projects here, and they may not be replaced.
        PupilError: the database does not take it; it is as it was.
    """
    if not may_replace and _has_projects():
        raise Conflict("There are projects here; say --replace to lose them.", code="not_empty")
    try:
        with tarfile.open(path) as tar:
            _check_manifest(tar)
            stored, backgrounds = (_members(tar, folder) for folder in (_STORAGE, _BACKGROUNDS))
            _check_storage()
            _restore_database(tar)
            files = {_restore_file(tar, member) for member in stored}
            for member in backgrounds:
                _restore_background(tar, member)
    except (tarfile.TarError, KeyError, OSError) as error:
        raise Invalid(f"{path} is no whole archive: {error}", code="bad_archive") from error
    call_command("migrate", verbosity=0)
    return Restored(len(files), *_forget_lost(files))


def _has_projects() -> bool:
    return "webapp_project" in connection.introspection.table_names() and Project.objects.exists()


def _named_files() -> list[str]:
    """Return every file that a row names, once; exports are made again when they are wanted."""
    names: set[str] = set(Version.objects.values_list("artifact", flat=True))
    names.update(Import.objects.values_list("file", flat=True))
    for kind in ("original", "display", "thumbnail"):
        names.update(Image.objects.values_list(kind, flat=True))
    return sorted(names - {""})


@contextmanager
def _opened(name: str) -> Iterator["IO[bytes] | File[bytes] | None"]:
    try:
        with default_storage.open(name) as file:
            yield file
    except FileNotFoundError:
        yield None


def _add(tar: tarfile.TarFile, name: str, file: "IO[bytes] | File[bytes]") -> None:
    member = tarfile.TarInfo(name)
    member.size = file.seek(0, os.SEEK_END)
    file.seek(0)
    tar.addfile(member, file)


def _check_manifest(tar: tarfile.TarFile) -> None:
    file = tar.extractfile(_MANIFEST)
    manifest = json.loads(file.read(_MAX_MANIFEST_BYTES)) if file else {}
    if manifest.get("format") != FORMAT:
        raise Invalid("This archive is of another format than this Pupil's.", code="bad_archive")
    tar.getmember(_END)  # before anything is lost: a copy that was cut has none


def _check_storage() -> None:
    try:
        default_storage.delete(default_storage.save("restoring", ContentFile(b"files")))
    except OSError as error:
        raise Invalid(f"Files can't be written here: {error}", code="storage_failed") from error


def _restore_database(tar: tarfile.TarFile) -> None:
    with tempfile.NamedTemporaryFile() as dump:
        source = tar.extractfile(_DUMP)
        if source is None:
            raise KeyError(_DUMP)
        while block := source.read(2**20):
            dump.write(block)
        dump.flush()
        database_tools.replace_all(Path(dump.name))


def _members(tar: tarfile.TarFile, folder: str) -> list[tarfile.TarInfo]:
    """Return the files of a folder, each of which has a name that can be kept."""
    found = [one for one in tar if one.isfile() and one.name.startswith(folder)]
    for member in found:
        try:
            validate_file_name(member.name.removeprefix(folder), allow_relative_path=True)
        except SuspiciousFileOperation as error:
            raise Invalid(f"{member.name} is no name for a file.", code="bad_archive") from error
    return found


def _restore_file(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    name = member.name.removeprefix(_STORAGE)
    default_storage.save(name, File(_content(tar, member)))
    return name


def _restore_background(tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    settings.LEARNING_BACKGROUNDS.mkdir(parents=True, exist_ok=True)
    path = settings.LEARNING_BACKGROUNDS / PurePosixPath(member.name).name
    with path.open("wb") as file:
        shutil.copyfileobj(_content(tar, member), file)
    keep_background(path)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise KeyError(member.name)
    return content


def _forget_lost(files: set[str]) -> tuple[int, int]:
    """Remove the rows of files that did not come along."""
    originals = dict(Image.objects.values_list("pk", "original"))
    images = [pk for pk, name in originals.items() if name not in files]
    artifacts = dict(Version.objects.values_list("pk", "artifact"))
    versions = [pk for pk, name in artifacts.items() if name not in files]
    Image.objects.filter(pk__in=images).delete()
    Version.objects.filter(pk__in=versions).delete()
    Import.objects.filter(project=None).exclude(file__in=files).delete()
    Export.objects.all().delete()  # their files stay behind: they are made again when wanted
    return len(images), len(versions)
