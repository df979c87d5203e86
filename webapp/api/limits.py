"""How many requests a minute one person may send, told in the headers of each answer."""

import logging
import math
import time
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import RedisError

from webapp.errors import TooManyRequests
from webapp.models import User

logger = logging.getLogger(__name__)

_HEADERS = "limit_headers"


def count(request: HttpRequest, user: User) -> None:
    """Count a request.

    Without the counter, where Valkey is away, nobody is held up.

    Raises:
        TooManyRequests: it is one too many; when to come back is in it.
    """
    if not settings.REQUESTS_PER_MINUTE:
        return
    allowed = RateLimitItemPerMinute(settings.REQUESTS_PER_MINUTE)
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
    setattr(request, _HEADERS, headers)
    if not is_allowed:
        raise TooManyRequests(
            f"More than {allowed.amount} requests in a minute. Try again in {seconds} s.",
            retry_after_seconds=seconds,
        )


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
