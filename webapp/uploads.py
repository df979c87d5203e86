"""How uploaded files are received."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse

from webapp.api import auth, errors
from webapp.errors import NotSignedIn, PupilError, TooLarge

_API = "/api/"


def upload_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse forms that are too large for who sends them, before they are read.

    Whoever asks for the first field of a form, as the CSRF check does, has all of its files written
    to the disk. Files are for the API and for people we know; others' forms may be as large as any
    other body, no more.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        refusal = _refusal(request) if request.content_type == "multipart/form-data" else None
        if refusal is None:
            return get_response(request)
        if request.path.startswith(_API):
            return errors.response(refusal)
        return HttpResponse(refusal.message, content_type="text/plain", status=refusal.status)

    return middleware


def _refusal(request: HttpRequest) -> PupilError | None:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if request.path.startswith(_API):
        if auth.known_user(request) is None:
            return NotSignedIn("Sign in, or send a token that is valid.")
        most = settings.MAX_REQUEST_BYTES
    # Without a length, Django reads nothing of a form.
    if int(request.META.get("CONTENT_LENGTH") or 0) <= most:
        return None
    return TooLarge(f"At most {most // 2**20} MB in one request.", code="too_many_bytes")


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
