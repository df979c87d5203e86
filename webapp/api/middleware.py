"""The one refusal that django-ninja makes before its error handlers can speak."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from webapp.api import errors
from webapp.errors import PupilError


class MethodNotAllowed(PupilError):  # noqa: N818  like its siblings in webapp.errors
    status = 405
    code = "method_not_allowed"


def method_not_allowed_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Put "method not allowed" into the API's envelope too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        if not (isinstance(answer, HttpResponseNotAllowed) and request.path.startswith("/api/")):
            return answer
        told = errors.response(MethodNotAllowed(f"{request.method} is not understood here."))
        told["Allow"] = answer["Allow"]
        return told

    return middleware
