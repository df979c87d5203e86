"""What Django says when no view answers: in JSON to programs, as a page to people."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import defaults
from redis import RedisError

from webapp.api import errors
from webapp.errors import NotFound, PupilError

logger = logging.getLogger(__name__)

_API = "/api/"
_RETRY_AFTER_SECONDS = 5


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(_API):
        return errors.response(NotFound("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(_API):
        return errors.response(PupilError("Something went wrong on our side."))
    return defaults.server_error(request)


class AwayMiddleware:
    """Says plainly where a page can't be had since Valkey is away.

    Signing in counts tries there. Not counted, passwords could be guessed at will: nobody is let in
    meanwhile, and who is in goes on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RedisError):
            return None
        logger.warning("%s can't be answered: %s", request.path, error)
        answer = render(request, "503.html", status=503)
        answer["Retry-After"] = str(_RETRY_AFTER_SECONDS)
        return answer
