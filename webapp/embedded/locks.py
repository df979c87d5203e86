"""Locks that the kernel lets go of: no file to clean up, no process id to mistrust.

A folder is locked through an open descriptor. A program that inherits the descriptor holds the
lock too, and so do its own children, until the last of them is gone.
"""

import fcntl
import os
import time
from pathlib import Path

_POLL_SECONDS = 0.05


def try_lock(folder: Path) -> int | None:
    """Return a descriptor that holds `folder`, or None where somebody else does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def lock(folder: Path, *, timeout_seconds: float) -> int | None:
    """Wait for `folder`; the kernel has no way to say when a lock is free within a time."""
    deadline = time.monotonic() + timeout_seconds
    while (descriptor := try_lock(folder)) is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return descriptor
