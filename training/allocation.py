"""What becomes of memory that is free."""

import contextlib
import ctypes

# As malloc.h numbers them.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_SETTINGS = {_MMAP_THRESHOLD: 2**30, _TRIM_THRESHOLD: 2**31 - 1, _TOP_PAD: 64 * 2**20}


def keep_blocks() -> None:
    """Tell glibc to keep this process's big blocks where it would hand them back to the system.

    Networks and decoders want the same blocks with every batch: asked for anew each time, they make
    a pass take two to three times as long. A fit's are of another size each time, and who only fits
    would keep the holes between them: so it is for those to ask for who run networks, and not a
    matter of the environment, which all programs inherit.
    """
    with contextlib.suppress(AttributeError):  # another C library
        library = ctypes.CDLL(None)
        for setting, value in _SETTINGS.items():
            library.mallopt(setting, value)
