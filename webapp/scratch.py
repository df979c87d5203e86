"""Memory that the web process and the workers share for moments, and that no disk ever sees."""

from functools import cache

import redis
from django.conf import settings

# Longer than anybody waits for an answer in it.
_TIMEOUT_SECONDS = 40.0


@cache
def client() -> redis.Redis:
    """Return this process's connection pool to it."""
    return redis.Redis.from_url(
        settings.SCRATCH_URL, socket_connect_timeout=2.0, socket_timeout=_TIMEOUT_SECONDS
    )
