"""What is limited is told in headers; how many requests a minute a person may send is counted."""

import logging
import math
import time
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import RedisError

from webapp.errors import TooManyRequests
from webapp.models import Project, User
from webapp.selectors import quotas

logger = logging.getLogger(__name__)

_HEADERS = "limit_headers"


def count(request: HttpRequest, user: User) -> None:
    """Count a request.

    Without the counter, where Valkey is away, nobody is held up.

    Raises:
        TooManyRequests: it is one too many; when to come back is in it.
    """
    own = user.max_requests_per_minute
    most = settings.REQUESTS_PER_MINUTE if own is None else own
    if not most:
        return
    allowed = RateLimitItemPerMinute(most)
    try:
        is_allowed = _limiter().hit(allowed, "api", str(user.pk))
        window = _limiter().get_window_stats(allowed, "api", str(user.pk))
    except RedisError as error:
        logger.warning("requests are not counted: %s", error)
        return
    seconds = max(1, math.ceil(window.reset_time - time.time()))
    headers = {
        "RateLimit-Limit": str(allowed.amount),
        "RateLimit-Remaining": str(window.remaining),
        "RateLimit-Reset": str(seconds),
    }
    add(request, headers)
    if not is_allowed:
        raise TooManyRequests(
            f"More than {allowed.amount} requests in a minute. Try again in {seconds} s.",
            retry_after_seconds=seconds,
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


@cache
def _limiter() -> SlidingWindowCounterRateLimiter:
    url = settings.VALKEY_URL.replace("unix://", "redis+unix://")
    return SlidingWindowCounterRateLimiter(
        storage_from_string(url, socket_connect_timeout=1, socket_timeout=2)
    )
