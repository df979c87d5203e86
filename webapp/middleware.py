"""What goes around every request: its id and time, what browsers refuse, and Valkey away."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from redis import RedisError

from webapp import logs, metrics, telemetry

logger = logging.getLogger(__name__)

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_RETRY_AFTER_SECONDS = 5
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_REQUEST_ID = re.compile(r"[\w.-]{8,64}")


class RequestMiddleware:
    """Gives each request an id that its log lines and its answer carry, and takes its time.

    A proxy's own `X-Request-ID` is kept, so that its lines and ours can be put side by side.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
        began = time.perf_counter()
        telemetry.note(request=request_id)
        with logs.about(request=request_id):
            response = self._get_response(request)
        response["X-Request-ID"] = request_id
        route = request.resolver_match.route if request.resolver_match else "none"
        # Anybody may send any word for a method, and a series is kept of each.
        method = request.method if request.method in _METHODS else "other"
        metrics.REQUEST_SECONDS.labels(method, route, f"{response.status_code // 100}xx").observe(
            time.perf_counter() - began
        )
        return response


class ContentSecurityPolicyMiddleware:
    """Lets pages use what comes from here and nothing else: no inline script, no inline style.

    A view that needs another policy sets the header itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response


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
