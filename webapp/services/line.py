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
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import redis
from django.conf import settings

from webapp import scratch
from webapp.errors import TooManyRequests
from webapp.services.asking import TIMEOUT_SECONDS, busy

MAX_WAITING = 64
# Each who waits holds one of the web server's threads, and pages need some too.
MAX_ASKERS = max(1, settings.WEB_THREADS * 3 // 4)
# What they bring is in this process's memory while it joins the line.
MAX_JOINING_BYTES = 400 * 2**20
# So many of them are left to each other lane, should nobody answer in this one.
_KEPT_FOR_OTHERS = 4
_WAITING = "line:waiting"
_KEPT_SECONDS = 2 * TIMEOUT_SECONDS
_SOON_SECONDS = 0.01  # 0 would mean: for ever
_END_OF_HEAD = b"\n"

_askers: Counter[str] = Counter()
_joining: list[int] = []  # bytes of each
_counting = threading.Lock()

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
        known_by: the vector that is wanted; that of the backbone that reads now where not said.
    """

    data: bytes
    version_id: int | None
    asker: str
    place: int
    is_general: bool = False
    known_by: str = ""


def ask(
    pictures: Iterable[bytes],
    *,
    byte_size: int = 0,
    version_id: int | None = None,
    is_general: bool = False,
    known_by: str = "",
    lane: str = "",
) -> list[dict[str, Any]]:
    """Have pictures looked at; return what is said of each, in order.

    Args:
        pictures: their bytes; read one by one, once it is known that there is room.
        byte_size: how many bytes they are together.
        version_id: whose word is wanted; their vectors alone where there is none.
        is_general: whether the general model's word is wanted.
        known_by: the vectors that are wanted, where they are.
        lane: of those who shall look; everybody's where none is said.

    Raises:
        TooManyRequests: the line is long enough.
        Busy: nobody looks.
    """
    with _counted(lane):
        asked = {"version": version_id, "general": is_general, "known_by": known_by}
        return _ask(pictures, asked, byte_size=byte_size, lane=lane)


@contextmanager
def _counted(lane: str) -> Iterator[None]:
    """Count who waits in a lane.

    Raises:
        TooManyRequests: as many wait as may, in it or in all.
    """
    others = len({"", *settings.SERVE_ROUTES.values()} - {lane})
    most = max(_KEPT_FOR_OTHERS, MAX_ASKERS - _KEPT_FOR_OTHERS * others)
    with _counting:
        if _askers[lane] >= most or _askers.total() >= MAX_ASKERS:
            raise _FULL
        _askers[lane] += 1
    try:
        yield
    finally:
        with _counting:
            _askers[lane] -= 1


@contextmanager
def _room_for(byte_size: int) -> Iterator[None]:
    """Count the bytes that join the line; who comes alone may bring any number.

    Raises:
        TooManyRequests: there would be too many at once.
    """
    with _counting:
        if _joining and sum(_joining) + byte_size > MAX_JOINING_BYTES:
            raise _FULL
        _joining.append(byte_size)
    try:
        yield
    finally:
        with _counting:
            _joining.remove(byte_size)


def _ask(
    pictures: Iterable[bytes], asked: dict[str, Any], *, byte_size: int, lane: str
) -> list[dict[str, Any]]:
    asker = uuid.uuid4().hex
    deadline = time.time() + TIMEOUT_SECONDS
    asked |= {"asker": asker, "until": deadline}
    try:
        with _room_for(byte_size):
            count = _join(_waiting(lane), _items(pictures, asked))
        return _fetch(asker, count, deadline)
    except redis.OutOfMemoryError as error:
        raise _FULL from error
    except redis.RedisError as error:
        raise busy() from error


def _items(pictures: Iterable[bytes], asked: dict[str, Any]) -> Iterator[bytes]:
    for place, data in enumerate(pictures):
        yield json.dumps({**asked, "place": place}).encode() + _END_OF_HEAD + data


def _join(line: str, items: Iterable[bytes]) -> int:
    """Stand in a line; return how many pictures do."""
    client = scratch.client()
    if client.llen(line) >= MAX_WAITING:
        raise _FULL
    together = list(items)
    with client.pipeline() as both:
        both.rpush(line, *together)
        both.expire(line, _KEPT_SECONDS)
        both.execute()
    return len(together)


def _fetch(asker: str, count: int, deadline: float) -> list[dict[str, Any]]:
    answers: dict[int, dict[str, Any]] = {}
    while len(answers) < count:
        items = _pop([_answers(asker)], count, max(_SOON_SECONDS, deadline - time.time()))
        if not items:
            raise busy()
        for item in items:
            place, answer = json.loads(item)
            answers[place] = answer
    return [answers[place] for place in range(count)]


def take(limit: int, *, timeout_seconds: float, lanes: Sequence[str] = ("",)) -> list[Waiting]:
    """Take the pictures that wait longest in one of the lanes, and wait where there is none.

    Raises:
        redis.RedisError: the shared memory is away.
    """
    taken = []
    for item in _pop([_waiting(lane) for lane in lanes], limit, timeout_seconds):
        head, _, data = item.partition(_END_OF_HEAD)
        said = json.loads(head)
        if said["until"] > time.time():
            asker = said["asker"], said["place"]
            known_by = said.get("known_by", "")  # an older web process does not say
            taken.append(Waiting(data, said["version"], *asker, said["general"], known_by))
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


def _pop(names: Sequence[str], limit: int, timeout_seconds: float) -> list[bytes]:
    found = scratch.client().blmpop(
        timeout_seconds, len(names), *names, direction="LEFT", count=limit
    )
    return cast("tuple[bytes, list[bytes]]", found)[1] if found else []


def _waiting(lane: str) -> str:
    return f"{_WAITING}:{lane}" if lane else _WAITING


def _answers(asker: str) -> str:
    return f"line:answers:{asker}"
