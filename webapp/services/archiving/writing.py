"""A project as a zip that is sent while it is written: no picture waits for another."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any, cast

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from webapp.models import Image, Project, Version
from webapp.services.archiving.manifest import FORMAT_VERSION, KIND, MANIFEST
from webapp.services.archiving.tables import CARRIED, Encoder, packed, settings_of
from webapp.text import clean_filename

_CHUNK_BYTES = 2**20
_ROWS_AT_ONCE = 500


def filename(project: Project) -> str:
    return clean_filename(f"{project.name}.pupil.zip")


def write(project: Project) -> Iterator[bytes]:
    """Yield the zip in pieces.

    The rows are those of one moment; files of pictures deleted after it are left out.
    """
    archive = _Archive()
    with tempfile.TemporaryFile() as rows:
        lengths, about = _snapshot(project, rows)
        rows.seek(0)
        for path, length in lengths:
            yield from archive.add(path, _limited(rows, length), compress=True)
    for path, name in _files(project):
        try:
            file = default_storage.open(name)
        except FileNotFoundError:
            continue
        with file:
            yield from archive.add(path, file.chunks(_CHUNK_BYTES), compress=False)
    manifest = {"format": KIND, "version": FORMAT_VERSION, **about, "files": archive.files}
    text = json.dumps(manifest, cls=Encoder, ensure_ascii=False, indent=1)
    yield from archive.add(MANIFEST, iter([text.encode()]), compress=True)
    yield archive.end()


class _Archive:
    """A zip that can be taken out of as it grows.

    Attributes:
        files: hash and size of all that is in it, by path.
    """

    def __init__(self) -> None:
        self.files: dict[str, dict[str, Any]] = {}
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._pipe), "w")

    def add(self, path: str, chunks: Iterator[bytes], *, compress: bool) -> Iterator[bytes]:
        info = zipfile.ZipInfo(path, date_time=timezone.now().timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for chunk in chunks:
                entry.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                yield self._pipe.taken()
        self.files[path] = {"sha256": digest.hexdigest(), "bytes": size}
        yield self._pipe.taken()

    def end(self) -> bytes:
        self._zip.close()
        return self._pipe.taken()


class _Pipe:
    """A file that can only be written, and forgets what was taken out of it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _snapshot(project: Project, out: IO[bytes]) -> tuple[list[tuple[str, int]], dict[str, Any]]:
    """Write the rows of one moment to a file; return their lengths and what else is told."""
    lengths, counts = [], {}
    with transaction.atomic():
        if not connection.savepoint_ids:  # inside another transaction it is too late
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        project.refresh_from_db()
        about: dict[str, Any] = {
            "name": project.name,
            "made_at": timezone.now(),
            "settings": settings_of(project),
            "shown_version": project.version.number if project.version else None,
            "concepts": list(project.concepts.order_by("pk").values_list("name", flat=True)),
        }
        for table in CARRIED:
            start, count = out.tell(), 0
            for row in table.rows(project).iterator(chunk_size=_ROWS_AT_ONCE):
                out.write(
                    json.dumps(packed(table, row), cls=Encoder, ensure_ascii=False).encode() + b"\n"
                )
                count += 1
            lengths.append((table.filename, out.tell() - start))
            counts[str(table.model._meta.model_name)] = count
    return lengths, {**about, "counts": counts}


def _files(project: Project) -> Iterator[tuple[str, str]]:
    """Yield path in the archive and name in the storage of every file."""
    images = Image.objects.filter(project=project).order_by("pk")
    kinds = ("original", "thumbnail", "display")
    for sha256, *names in images.values_list("sha256", *kinds).iterator(chunk_size=_ROWS_AT_ONCE):
        for kind, name in zip(kinds, names, strict=True):
            if name:
                yield f"{kind}s/{sha256}.{name.rsplit('.', 1)[-1]}", name
    for number, name in Version.objects.filter(project=project).values_list("number", "artifact"):
        yield f"versions/{number}.safetensors", name


def _limited(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length and (chunk := file.read(min(length, _CHUNK_BYTES))):
        length -= len(chunk)
        yield chunk
