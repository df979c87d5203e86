"""How uploaded files are received."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Keeps one byte more than is allowed of a file that is too large, and drops the rest.

    The byte too many lets the file be refused by name, its neighbours in the request go on, and
    the disk holds no more than the limit however much is sent.
    """

    _kept_bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        room = settings.MAX_IMAGE_BYTES + 1 - self._kept_bytes
        kept = raw_data[:room]
        self._kept_bytes += len(kept)
        return super().receive_data_chunk(kept, start)

    def file_complete(self, file_size: int) -> Any:
        return super().file_complete(min(file_size, settings.MAX_IMAGE_BYTES + 1))
