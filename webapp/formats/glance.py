"""A zip's entry that is read no further than needed, and unpacked once."""

import io
import os
import tempfile
from typing import IO

_CHUNK_BYTES = 2**16
_IN_MEMORY_BYTES = 2 * 2**20


class Glance(io.RawIOBase):
    """Keeps what it unpacked, and knows its size without reading.

    `zipfile` would unpack all to find its own end, and all that comes before to go back: a picture
    whose header points here and there would take hours.
    """

    def __init__(self, entry: IO[bytes], size: int) -> None:
        super().__init__()
        self._entry, self._size, self._position = entry, size, 0
        self._unpacked = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
        self._unpacked_bytes = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._size if size is None or size < 0 else size
        self._unpack_to(min(self._position + wanted, self._size))
        self._unpacked.seek(self._position)
        data = self._unpacked.read(wanted)
        self._position += len(data)
        return data

    def close(self) -> None:
        self._entry.close()
        self._unpacked.close()
        super().close()

    def _unpack_to(self, end: int) -> None:
        self._unpacked.seek(self._unpacked_bytes)
        while self._unpacked_bytes < end:
            chunk = self._entry.read(min(_CHUNK_BYTES, end - self._unpacked_bytes))
            if not chunk:  # it is shorter than it says
                break
            self._unpacked.write(chunk)
            self._unpacked_bytes += len(chunk)
