"""What happened in a project, told to every page that looks at it.

Events are hints, sent through Valkey after the commit. A page that missed some asks again, so a
broker that is away costs freshness and nothing else.
"""

import json
import logging
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 2.0


def channel(project_id: int) -> str:
    return f"project:{project_id}"


def channel_pattern() -> str:
    """Return what matches every project's channel."""
    return "project:*"


@cache
def client() -> redis.Redis:
    """Return this process's connection pool to Valkey."""
    return redis.Redis.from_url(
        settings.VALKEY_URL,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
    )


def publish_on_commit(project_id: int, kind: str, **data: Any) -> None:
    """Tell a project's pages once the surrounding transaction is in."""
    transaction.on_commit(lambda: _publish(project_id, {"kind": kind, **data}))


def _publish(project_id: int, event: dict[str, Any]) -> None:
    try:
        client().publish(channel(project_id), json.dumps(event))
    except redis.RedisError as error:
        logger.warning("event not sent: %s", error)


def listen(project_id: int, *, timeout_seconds: float) -> Iterator[None]:
    """Yield at once, then at every event of a project, until the time is up.

    The first yield comes after the subscription stands: who looks at the database then misses
    nothing.
    """
    deadline = time.monotonic() + timeout_seconds
    with client().pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
        subscription.subscribe(channel(project_id))
        yield
        while (left := deadline - time.monotonic()) > 0:
            if subscription.get_message(timeout=min(left, 1.0)):
                yield
