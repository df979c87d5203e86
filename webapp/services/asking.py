"""Ask the serve worker, and hear its answer, or why there is none, in the same words.

Both ends of the wire: `ask` where somebody waits, `answering` around what the worker does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import redis
from celery.exceptions import CeleryError
from kombu.exceptions import KombuError

from webapp import errors
from webapp.celery import app, serve_queue
from webapp.errors import Busy, PupilError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

TIMEOUT_SECONDS = 30


def busy() -> Busy:
    return Busy("The part of Pupil that looks at pictures does not answer just now.")


def ask(
    task: str, *, lane: str = "", patience_seconds: float | None = None, **arguments: Any
) -> Any:
    """Have a serve worker, one of a lane's where one is said, do a task and return its answer.

    What is asked is done all the same where the answer comes after our patience.

    Raises:
        Busy: it does not answer in time, or broke down.
        PupilError: what it raised itself.
    """
    try:
        pending = app.send_task(
            task, kwargs=arguments, expires=TIMEOUT_SECONDS, queue=serve_queue(lane)
        )
        said = pending.get(timeout=patience_seconds or TIMEOUT_SECONDS)
    except (KombuError, CeleryError, redis.RedisError, OSError, RuntimeError) as error:
        # RuntimeError is what Celery says when its result backend stays away.
        raise busy() from error
    if "error" in said:
        raise errors.rebuilt(**said["error"])
    return said["answer"]


def answering(work: Callable[P, R]) -> Callable[P, dict[str, Any]]:
    """Let a task tell its answer, or what went wrong: no asker should read a traceback."""

    @wraps(work)
    def told(*args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        try:
            return {"answer": work(*args, **kwargs)}
        except PupilError as error:
            refusal = error
        except Exception:
            logger.exception("%s broke", work.__name__)
            refusal = busy()
        return {
            "error": {
                "status": refusal.status,
                "code": refusal.code,
                "message": refusal.message,
            }
        }

    return told
