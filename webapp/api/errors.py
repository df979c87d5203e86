"""One envelope for every error: `{error: {code, message, details}}`."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from redis import RedisError

from webapp.errors import (
    Busy,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    PupilError,
    TooLarge,
    TooManyRequests,
)

logger = logging.getLogger(__name__)

_CODES = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}

# Somebody signed in or out since the page was made, and what it sends along is no longer good.
_TOO_OLD = "This page is too old. Reload it and try again."


def response(error: PupilError) -> HttpResponse:
    envelope = {"code": error.code, "message": error.message, "details": error.details}
    answer = JsonResponse({"error": envelope}, status=error.status)
    if isinstance(error, TooManyRequests):
        answer["Retry-After"] = str(error.retry_after_seconds)
    return answer


def register(api: NinjaAPI) -> None:
    """Make a NinjaAPI answer every failure with our envelope, and never with a stack trace."""

    def on(kind: type[Exception], told: Any) -> None:
        def handler(request: HttpRequest, error: Any) -> HttpResponse:
            return response(told(error))

        api.add_exception_handler(kind, handler)

    on(PupilError, lambda error: error)
    on(ValidationError, _invalid)
    on(AuthenticationError, lambda _: NotSignedIn("Sign in, or send a token that is valid."))
    on(AuthorizationError, lambda _: Forbidden("This is not allowed."))
    on(RedisError, lambda _: Busy("A part of Pupil that this needs does not answer just now."))
    on(Http404, lambda _: NotFound("There is nothing here."))
    on(RequestDataTooBig, lambda _: TooLarge("The request is too large."))
    on(SuspiciousOperation, lambda error: _malformed(str(error)))
    for kind in (MultiPartParserError, UnreadablePostError, RawPostDataException):
        on(kind, lambda error: _malformed(str(error)))
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Exception, _unexpected)


def _invalid(error: ValidationError) -> Invalid:
    problems = [
        {"where": ".".join(str(part) for part in problem["loc"]), "message": problem["msg"]}
        for problem in error.errors
    ]
    first = problems[0] if problems else {"where": "", "message": "It makes no sense."}
    return Invalid(f"{first['where']}: {first['message']}", details={"problems": problems})


def _malformed(message: str) -> PupilError:
    error = Invalid(message or "The request can't be read.", code="bad_request")
    error.status = 400
    return error


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    message = _TOO_OLD if "CSRF" in str(error) else str(error)
    told = PupilError(message, code=_CODES.get(error.status_code, "bad_request"))
    told.status = error.status_code
    return response(told)


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return response(PupilError("Something went wrong on our side. It was written down."))
