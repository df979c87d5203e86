"""What can go wrong, in the user's words, with a stable code and an HTTP status."""

from typing import Any


class PupilError(Exception):
    """An error that is told to the person or program that caused it."""

    status = 500
    code = "internal_error"

    def __init__(self, message: str, *, code: str = "", details: dict[str, Any] | None = None):
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.details = details or {}


class Invalid(PupilError):
    status = 422
    code = "invalid"


class NotSignedIn(PupilError):
    status = 401
    code = "not_signed_in"


class Forbidden(PupilError):
    status = 403
    code = "forbidden"


class NotFound(PupilError):
    status = 404
    code = "not_found"


class Conflict(PupilError):
    status = 409
    code = "conflict"


class QuotaExceeded(PupilError):
    """There would be more than the installation, the person or the project may have."""

    status = 403
    code = "quota_exceeded"


class TooLarge(PupilError):
    status = 413
    code = "file_too_large"


class Busy(PupilError):
    """The part that should do this does not answer just now; trying again is right."""

    status = 503
    code = "busy"


class TooManyRequests(PupilError):
    status = 429
    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_seconds: int):
        super().__init__(message, details={"retry_after_seconds": retry_after_seconds})
        self.retry_after_seconds = retry_after_seconds


def rebuilt(*, status: int, code: str, message: str) -> PupilError:
    """Return an error that another process told of, as the kind that it was there."""
    kinds = {kind.status: kind for kind in (Invalid, NotFound, Conflict, TooLarge, Busy)}
    return kinds.get(status, PupilError)(message, code=code)
