"""A zip's entry that is read no further than needed."""

import io
import os
from typing import IO


class Glance(io.RawIOBase):
    """Knows its size without reading: `zipfile` would unpack all to find its own end."""

    def __init__(self, entry: IO[bytes], size: int) -> None:
        super().__init__()
        self._entry, self._size, self._position = entry, size, 0

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
        if self._entry.tell() != self._position:
            self._entry.seek(self._position)
        data = self._entry.read(-1 if size is None else size)
        self._position += len(data)
        return data

    def close(self) -> None:
        self._entry.close()
        super().close()
