"""Files in the storage that no row names: left by what was killed between file and row.

One that is younger than a day is let alone: its row may be on the way. Where Pupil puts nothing,
nothing is looked at.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from webapp.models import Export, Image, Import, Job, Version
from webapp.services import locks
from webapp.services.files import walk

logger = logging.getLogger(__name__)

KEEP_YOUNG = timedelta(days=1)
SWEEP_EVERY = timedelta(days=1)
_PICTURES = ("originals", "thumbnails", "displays")
# What may be the only copy of something goes by hand alone: the rows may be what is wrong.
_BY_HAND = ("originals", "versions")
_ENDED_WELL = (Job.State.SUCCEEDED, Job.State.CANCELLED)


@dataclass(frozen=True)
class Orphan:
    """A file that nothing refers to.

    Attributes:
        name: in the storage.
        byte_size: of it.
        is_precious: it was sent or learned, and can't be made again.
    """

    name: str
    byte_size: int
    is_precious: bool


def find() -> Iterator[Orphan]:
    """Yield them, folder by folder."""
    for folder, names in walk(default_storage):
        for name in sorted(_unnamed(folder, names)):
            try:
                if _is_old(name):
                    yield Orphan(name, default_storage.size(name), _is_precious(folder))
            except FileNotFoundError:
                continue  # somebody else removed it


def remove(orphan: Orphan) -> bool:
    """Remove one, unless it has found a row or was written again; say whether it is gone."""
    path = PurePosixPath(orphan.name)
    with transaction.atomic():
        if _is_picture(str(path.parent)):
            locks.hold_file(int(path.parts[1]), path.stem)
        if orphan.name not in _unnamed(str(path.parent), [orphan.name]):
            return False
        try:
            if not _is_old(orphan.name):
                return False
        except FileNotFoundError:
            return True  # somebody else removed it
        default_storage.delete(orphan.name)
    return True


def sweep() -> None:
    """Remove those that can be made again; of others it is only said that they are there."""
    removed = kept = 0
    for orphan in find():
        if orphan.is_precious:
            kept += 1
        else:
            removed += remove(orphan)
    if removed or kept:
        logger.warning(
            "%s files that nothing refers to were removed, %s are left: see `manage.py orphans`",
            removed,
            kept,
        )


def _unnamed(folder: str, names: Sequence[str]) -> set[str]:
    """Return those of a folder's files that no row names."""
    match folder.split("/"):
        case ["imports"]:
            undecided = Q(project=None) | ~Q(job=None) & ~Q(job__state__in=_ENDED_WELL)
            rows = Import.objects.filter(undecided, file__in=names)
            return set(names).difference(rows.values_list("file", flat=True))
        case ["projects", key, "versions"] if key.isdecimal():
            artifacts = Version.objects.filter(project=int(key))
            return set(names).difference(artifacts.values_list("artifact", flat=True))
        case ["projects", key, "exports"] if key.isdecimal():
            exports = Export.objects.filter(version__project=int(key))
            return set(names).difference(exports.values_list("file", flat=True))
        case ["projects", key, _, _] if key.isdecimal() and _is_picture(folder):
            return _without_picture(int(key), names)
    return set()


def _without_picture(project_id: int, names: Sequence[str]) -> set[str]:
    """Return the files of pictures that are not here; those of one that is are left to it."""
    hashes = {name: PurePosixPath(name).stem for name in names}
    here = Image.objects.filter(project=project_id, sha256__in=set(hashes.values()))
    known = set(here.values_list("sha256", flat=True))
    return {name for name, sha256 in hashes.items() if sha256 not in known}


def _is_picture(folder: str) -> bool:
    parts = folder.split("/")
    return len(parts) == 4 and parts[0] == "projects" and parts[2] in _PICTURES


def _is_precious(folder: str) -> bool:
    return any(part in _BY_HAND for part in folder.split("/"))


def _is_old(name: str) -> bool:
    return default_storage.get_modified_time(name) < timezone.now() - KEEP_YOUNG
