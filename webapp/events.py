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
_LOOK_EVERY_SECONDS = 1.0


def channel(project_id: int | None) -> str:
    """Return where a project's events go; those of what has no project yet share one."""
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


def publish_on_commit(project_id: int | None, kind: str, **data: Any) -> None:
    """Tell a project's pages once the surrounding transaction is in."""
    transaction.on_commit(lambda: _publish(project_id, {"kind": kind, **data}))


def _publish(project_id: int | None, event: dict[str, Any]) -> None:
    try:
        client().publish(channel(project_id), json.dumps(event))
    except redis.RedisError as error:
        logger.warning("event not sent: %s", error)


def listen(project_id: int | None, *, timeout_seconds: float) -> Iterator[None]:
    """Yield when it is time to look at the database, until the time is up.

    That is at once, at every event of a project, and every second all the same: an event may be
    lost, and Valkey may be away.
    """
    deadline = time.monotonic() + timeout_seconds
    with client().pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
        is_subscribed = False
        while True:
            try:
                if not is_subscribed:
                    subscription.subscribe(channel(project_id))
                    is_subscribed = True
                yield
                if (left := deadline - time.monotonic()) <= 0:
                    return
                subscription.get_message(timeout=min(left, _LOOK_EVERY_SECONDS))
            except redis.RedisError:
                is_subscribed = False
                time.sleep(_LOOK_EVERY_SECONDS)
