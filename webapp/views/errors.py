"""What Django says when no view answers: in JSON to programs, as a page to people."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from webapp.api import errors
from webapp.errors import NotFound, PupilError

_API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(_API):
        return errors.response(NotFound("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(_API):
        return errors.response(PupilError("Something went wrong on our side."))
    return defaults.server_error(request)
