"""Memory that a worker no longer needs."""

import contextlib
import ctypes


def give_back() -> None:
    """Give what is free back to the system.

    glibc is told not to do so by itself (`embedded.parts`): big blocks come and go with every
    batch. What a training among a million pictures took would stay with the worker for ever.
    """
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
