"""What django-ninja leaves to be said: limits in headers, and its one refusal of its own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from webapp.api import errors, limits
from webapp.errors import PupilError


class MethodNotAllowed(PupilError):  # noqa: N818  like its siblings in webapp.errors
    status = 405
    code = "method_not_allowed"


def api_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Put "method not allowed" into the API's envelope too, and tell the limits."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        limits.tell(request, answer)
        if not (isinstance(answer, HttpResponseNotAllowed) and request.path.startswith("/api/")):
            return answer
        told = errors.response(MethodNotAllowed(f"{request.method} is not understood here."))
        told["Allow"] = answer["Allow"]
        return told

    return middleware
