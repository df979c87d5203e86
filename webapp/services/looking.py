"""The serve worker's threads: they take pictures out of the line, look, and answer.

While one's batch is in the network, another's is decoded.
"""

from __future__ import annotations

import io
import logging
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import redis
from django.db import close_old_connections, connection

from webapp import learning
from webapp.errors import PupilError
from webapp.models import Version
from webapp.services import asking, line, serving
from webapp.services.line import Waiting

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

logger = logging.getLogger(__name__)

_THREADS = 2
_BATCH = 8
_LOOK_UP_SECONDS = 1.0
_MAX_KNOWN = 1000


class Lookers:
    """Threads that look at pictures for as long as they are not stopped.

    Args:
        lanes: of the line, whose pictures they take.
    """

    def __init__(self, lanes: Sequence[str] = ("",)) -> None:
        self._lanes = lanes
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(_THREADS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                waiting = line.take(_BATCH, timeout_seconds=_LOOK_UP_SECONDS, lanes=self._lanes)
                if waiting:
                    close_old_connections()
                    line.answer(look(waiting))
            except redis.RedisError as error:
                logger.warning("the line is away: %s", error)
                self._stop.wait(_LOOK_UP_SECONDS)
            except Exception:
                logger.exception("a batch broke")
        connection.close()


def look(waiting: Sequence[Waiting]) -> list[tuple[Waiting, dict[str, Any]]]:
    """Look at pictures that came together; each is answered, whatever becomes of the others."""
    answers: list[tuple[Waiting, dict[str, Any]]] = []
    for asked in {_asked(one) for one in waiting}:
        version_id, is_general, known_by = asked
        batch = [one for one in waiting if _asked(one) == asked]
        try:
            if is_general:
                answers += _of_general(batch)
            else:
                answers += _of_version(version_id, known_by or learning.fingerprint(), batch)
        except PupilError as error:
            answers += [(one, serving.told(error)) for one in batch]
        except Exception:
            logger.exception("%d pictures were not looked at", len(batch))
            answers += [(one, serving.told(asking.busy())) for one in batch]
    return answers


def _asked(one: Waiting) -> tuple[int | None, bool, str]:
    return one.version_id, one.is_general, one.known_by


def _of_version(
    version_id: int | None, known_by: str, batch: Sequence[Waiting]
) -> list[tuple[Waiting, dict[str, Any]]]:
    version = Version.objects.filter(pk=version_id).first() if version_id is not None else None
    if version is None and version_id is not None:
        return [(one, serving.told(serving.VERSION_GONE)) for one in batch]
    known = {}
    known_by = version.fingerprint if version else known_by
    keys = {place: (known_by, sha256(one.data).digest()) for place, one in enumerate(batch)}
    for place in keys:
        if (vector := _known.get(keys[place])) is not None:
            known[place] = vector
    pictures, answers = _decoded(batch, except_for=known)
    new = serving.embed(version, known_by, pictures)
    for place, vector in new.items():
        _known.put(keys[place], vector)
    said = serving.say(version, known | new)
    return answers + [(batch[place], answer) for place, answer in said.items()]


def _of_general(batch: Sequence[Waiting]) -> list[tuple[Waiting, dict[str, Any]]]:
    pictures, answers = _decoded(batch)
    said = serving.say_general(pictures)
    return answers + [(batch[place], answer) for place, answer in said.items()]


def _decoded(
    batch: Sequence[Waiting], *, except_for: Collection[int] = ()
) -> tuple[dict[int, Picture], list[tuple[Waiting, dict[str, Any]]]]:
    """Decode what is needed, by its place; return the answers to those that can't be too."""
    pictures: dict[int, Picture] = {}
    answers = []
    for place, one in enumerate(batch):
        if place in except_for:
            continue
        try:
            pictures[place] = learning.decode(io.BytesIO(one.data))
        except PupilError as error:
            answers.append((one, serving.told(error)))
    return pictures, answers


class _Vectors:
    """The vectors of the pictures that were looked at last: the same one may well come again."""

    def __init__(self) -> None:
        self._vectors: OrderedDict[tuple[str, bytes], np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, bytes]) -> np.ndarray | None:
        with self._lock:
            return self._vectors.get(key)

    def put(self, key: tuple[str, bytes], vector: np.ndarray) -> None:
        with self._lock:
            self._vectors[key] = vector
            if len(self._vectors) > _MAX_KNOWN:
                self._vectors.popitem(last=False)


_known = _Vectors()
