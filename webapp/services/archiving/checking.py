"""What is seen to before any row of an archive comes in."""

from __future__ import annotations

import hashlib
from typing import Any

from webapp.formats import Source
from webapp.models import Job, Project, User
from webapp.services import jobs, quotas
from webapp.services.archiving import manifest as manifests

_CHUNK_BYTES = 2**20
_TELL_EVERY = 50


def check_room(source: Source, manifest: dict[str, Any], project: Project, user: User) -> None:
    """See that there is room for an archive's pictures.

    Raises:
        QuotaExceeded: there is none.
    """
    originals = [path for path in manifest["files"] if path.startswith("originals/")]
    size = sum(source.size(path) for path in originals if path in source)
    quotas.check(user=user, project=project, size=size, pictures=len(originals))


def check_files(source: Source, manifest: dict[str, Any], job: Job) -> None:
    """Compare every file with its hash.

    Raises:
        Invalid: one is missing or another.
    """
    files = manifest["files"]
    for number, (path, told) in enumerate(files.items()):
        if number % _TELL_EVERY == 0:
            jobs.advance(job, done=number, total=2 * max(1, len(files)))
        if path not in source or _sha256(source, path) != told.get("sha256"):
            raise manifests.damaged(f"{path} is not what it was.")


def _sha256(source: Source, path: str) -> str:
    digest = hashlib.sha256()
    try:
        with source.open(path) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except Exception as error:  # each way of packing has errors of its own
        raise manifests.damaged(f"{path} can’t be read.") from error
    return digest.hexdigest()
