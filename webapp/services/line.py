"""The line in which pictures wait that somebody wants looked at now.

A picture stands in it with its bytes, in memory alone; whoever looks takes all that wait, up to a
batch, so batches grow by themselves while the network is busy and nobody waits for company. Each
asker has a list of its own for the answers. What nobody takes or fetches dies by itself.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis

from webapp import scratch
from webapp.errors import TooManyRequests
from webapp.services.asking import TIMEOUT_SECONDS, busy

MAX_WAITING = 64
# Each who waits holds one of the web server's 32 threads, and pages need some too.
MAX_ASKERS = 24
_WAITING = "line:waiting"
_KEPT_SECONDS = 2 * TIMEOUT_SECONDS
_SOON_SECONDS = 0.01  # 0 would mean: for ever
_END_OF_HEAD = b"\n"

_askers = threading.BoundedSemaphore(MAX_ASKERS)

_FULL = TooManyRequests(
    "Pupil is looking at as many pictures as it can. Please try again in a moment.",
    retry_after_seconds=1,
)


@dataclass(frozen=True)
class Waiting:
    """A picture that somebody waits for.

    Attributes:
        data: its bytes.
        version_id: whose word on it is wanted; its vector alone where there is none.
        asker: whose answer it is.
        place: which of the asker's pictures it is.
        is_general: whether it is the general model's word that is wanted.
    """

    data: bytes
    version_id: int | None
    asker: str
    place: int
    is_general: bool = False


def ask(
    pictures: Sequence[bytes], *, version_id: int | None = None, is_general: bool = False
) -> list[dict[str, Any]]:
    """Have pictures looked at; return what is said of each, in order.

    Raises:
        TooManyRequests: the line is long enough.
        Busy: nobody looks.
    """
    if not _askers.acquire(blocking=False):
        raise _FULL
    try:
        return _ask(pictures, version_id=version_id, is_general=is_general)
    finally:
        _askers.release()


def _ask(
    pictures: Sequence[bytes], *, version_id: int | None, is_general: bool
) -> list[dict[str, Any]]:
    asker = uuid.uuid4().hex
    deadline = time.time() + TIMEOUT_SECONDS
    asked = {"version": version_id, "general": is_general, "asker": asker, "until": deadline}
    heads = [json.dumps({**asked, "place": place}) for place in range(len(pictures))]
    try:
        _join([h.encode() + _END_OF_HEAD + p for h, p in zip(heads, pictures, strict=True)])
        return _fetch(asker, len(pictures), deadline)
    except redis.OutOfMemoryError as error:
        raise _FULL from error
    except redis.RedisError as error:
        raise busy() from error


def _join(items: Sequence[bytes]) -> None:
    client = scratch.client()
    if client.llen(_WAITING) >= MAX_WAITING:
        raise _FULL
    with client.pipeline() as both:
        both.rpush(_WAITING, *items)
        both.expire(_WAITING, _KEPT_SECONDS)
        both.execute()


def _fetch(asker: str, count: int, deadline: float) -> list[dict[str, Any]]:
    answers: dict[int, dict[str, Any]] = {}
    while len(answers) < count:
        items = _pop(_answers(asker), count, max(_SOON_SECONDS, deadline - time.time()))
        if not items:
            raise busy()
        for item in items:
            place, answer = json.loads(item)
            answers[place] = answer
    return [answers[place] for place in range(count)]


def take(limit: int, *, timeout_seconds: float) -> list[Waiting]:
    """Take the pictures that wait longest, and wait for one where there is none.

    Raises:
        redis.RedisError: the shared memory is away.
    """
    taken = []
    for item in _pop(_WAITING, limit, timeout_seconds):
        head, _, data = item.partition(_END_OF_HEAD)
        said = json.loads(head)
        if said["until"] > time.time():
            asker = said["asker"], said["place"]
            taken.append(Waiting(data, said["version"], *asker, is_general=said["general"]))
    return taken


def answer(answers: Sequence[tuple[Waiting, dict[str, Any]]]) -> None:
    """Hand answers to those who wait for them.

    Raises:
        redis.RedisError: the shared memory is away.
    """
    with scratch.client().pipeline(transaction=False) as all_at_once:
        for waiting, said in answers:
            all_at_once.rpush(_answers(waiting.asker), json.dumps([waiting.place, said]))
            all_at_once.expire(_answers(waiting.asker), _KEPT_SECONDS)
        all_at_once.execute()


def _pop(name: str, limit: int, timeout_seconds: float) -> list[bytes]:
    found = scratch.client().blmpop(timeout_seconds, 1, name, direction="LEFT", count=limit)
    return cast("tuple[bytes, list[bytes]]", found)[1] if found else []


def _answers(asker: str) -> str:
    return f"line:answers:{asker}"
