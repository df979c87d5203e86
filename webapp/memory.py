"""Memory that a worker no longer needs."""

import contextlib
import ctypes


def give_back() -> None:
    """Give what is free back to the system.

    glibc gives back only what lies at the end of its heap: what a training among a million
    pictures took would stay with the worker wherever a small block lies behind it.
    """
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
