"""What is limited is told in headers; requests a minute are counted."""

import logging
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from redis import RedisError

from webapp.api import counters
from webapp.errors import TooManyRequests
from webapp.models import Project, User
from webapp.selectors import quotas, requests

logger = logging.getLogger(__name__)

_HEADERS = "limit_headers"
_WORDS = {
    "installation": "More than {most} requests of all people in a minute.",
    "person": "More than {most} requests in a minute.",
    "project": "More than {most} requests to this project in a minute.",
    "pictures": "More than {most} picture files in a minute.",
}


def count(request: HttpRequest, user: User) -> None:
    """Count a request under the person, the project it is about and the installation.

    A stream of events is one request however long it lasts. Without the counter, where Valkey is
    away, nobody is held up.

    Raises:
        TooManyRequests: it is one too many; when to come back is in it.
    """
    match = request.resolver_match
    project_id = match.kwargs.get("project_id") if match else None
    _count(request, requests.limits(user=user, project_id=project_id))


def count_picture(request: HttpRequest, user: User) -> None:
    """Count a picture file, under an allowance of its own.

    A gallery asks for hundreds of thumbnails while somebody scrolls: among the other requests
    they would use up what marking and training need, and the page would break half-drawn.

    Raises:
        TooManyRequests: it is one too many; when to come back is in it.
    """
    _count(request, requests.picture_limits(user=user))


def _count(request: HttpRequest, limits: list[requests.Allowed]) -> None:
    if not limits:
        return
    try:
        counted = counters.hit(limits)
    except RedisError as error:
        logger.warning("requests are not counted: %s", error)
        return
    nearest = min(counted, key=lambda one: one.remaining)
    add(
        request,
        {
            "RateLimit-Limit": str(nearest.allowed.most),
            "RateLimit-Remaining": str(nearest.remaining),
            "RateLimit-Reset": str(nearest.wait_seconds),
            "RateLimit-Scope": nearest.allowed.scope,
        },
    )
    if nearest.is_refused:
        words = _WORDS[nearest.allowed.scope].format(most=nearest.allowed.most)
        raise TooManyRequests(
            f"{words} Try again in {nearest.wait_seconds} s.",
            retry_after_seconds=nearest.wait_seconds,
        )


def add(request: HttpRequest, headers: dict[str, str]) -> None:
    """Have the answer tell of a limit."""
    setattr(request, _HEADERS, {**getattr(request, _HEADERS, {}), **headers})


def add_quota(request: HttpRequest, project: Project) -> None:
    """Have the answer tell how full the fullest of a project's limits is, where one is set."""
    quota = quotas.narrowest(quotas.quotas(user=cast("Any", request).auth, project=project))
    if quota is not None:
        headers = {
            "Quota-Scope": quota.scope,
            "Quota-Pictures": f"{quota.pictures}/{quota.max_pictures or '*'}",
            "Quota-Bytes": f"{quota.bytes}/{quota.max_bytes or '*'}",
        }
        add(request, headers)


def tell(request: HttpRequest, response: HttpResponseBase) -> None:
    """Put what was counted into the answer's headers."""
    for name, value in getattr(request, _HEADERS, {}).items():
        response[name] = value
