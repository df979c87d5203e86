"""Whose turn it is, among many workers, to do what is done once in a while."""

from datetime import timedelta

import redis

from webapp import events


def is_due(name: str, *, every: timedelta) -> bool:
    """Say once in so long that it is time; never while Valkey is away."""
    try:
        return bool(events.client().set(name, 1, nx=True, ex=every))
    except redis.RedisError:
        return False
