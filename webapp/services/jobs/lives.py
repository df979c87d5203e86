"""Which process claims: a new life each time it starts, so that what its last one left is known.

A worker holds a lock on a file of its name for as long as it lives, and its life stands in it. The
kernel lets go of the lock when the process is gone, and not before: whoever gets it may give back
at once what the life before had claimed. Where the file is not shared, as after a move to another
machine, the sweeper finds it a little later.
"""

import fcntl
import os
import re
import time
import uuid
from contextlib import suppress
from pathlib import Path

_ODD = re.compile(r"[^\w.@-]")
_KEPT_SECONDS = 24 * 3600
_LIFE = uuid.uuid4()
_held: list[int] = []


def current() -> uuid.UUID:
    """Return this process's life."""
    return _LIFE


def succeed(name: str, folder: Path) -> uuid.UUID | None:
    """Take a name over; return the life that had it before, if that is over.

    Args:
        name: a worker's.
        folder: where the names lie, one file each.

    Raises:
        OSError: nothing can be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_ODD.sub('_', name)}.life"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # another of this name is alive
        os.close(descriptor)
        return None
    _held.append(descriptor)  # until this process ends
    before = os.pread(descriptor, 64, 0).decode(errors="replace")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(_LIFE).encode(), 0)
    try:
        return uuid.UUID(before)
    except ValueError:
        return None


def forget_dead(folder: Path) -> None:
    """Remove the files of lives that began long ago and are over.

    Names come again on a machine; containers have a new one each time, and would leave a file each.
    Should one have ended just now, the sweeper finds what it had claimed. Not while workers start:
    who takes a name over still needs its file.

    Raises:
        OSError: they can't be removed.
    """
    for path in folder.glob("*.life"):
        with suppress(FileNotFoundError):  # another was quicker
            if path.stat().st_mtime < time.time() - _KEPT_SECONDS and _is_over(path):
                path.unlink()


def _is_over(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
