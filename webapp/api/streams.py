"""One subscription to Valkey per web process, fanned out to the pages that look at a project."""

import asyncio
import json
import logging
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable

import redis.asyncio
from django.conf import settings

from webapp import events

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15
RECONNECT_SECONDS = 1
LOOK_AGAIN_SECONDS = 60
# After a hello, one of the others may have been missed.
_CHANGES_RIGHTS = {"hello", "members", "project"}
_QUEUE_LENGTH = 100
_HELLO = json.dumps({"kind": "hello"})


class Hub:
    """Hands every event of a project to all who listen in this process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[str]]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def listen(
        self, project_id: int, *, is_allowed: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        """Yield server-sent events: a hello at every (re)connection, then what happens.

        Events are hints. A listener too slow for its queue is told hello again and asks anew.
        Whether they may still listen is asked where an event says that it may have changed, and
        every minute: tokens and sessions end without one. Who may not is told nothing more.
        """
        queue: asyncio.Queue[str] = asyncio.Queue(_QUEUE_LENGTH)
        channel = events.channel(project_id)
        self._listeners.setdefault(channel, set()).add(queue)
        self._start()
        try:
            yield _as_event(_HELLO)
            look_at = time.monotonic() + LOOK_AGAIN_SECONDS
            while True:
                data = await _next(queue)
                if _may_change_rights(data) or time.monotonic() >= look_at:
                    if not await is_allowed():
                        return
                    look_at = time.monotonic() + LOOK_AGAIN_SECONDS
                yield _as_event(data) if data else ": still here\n\n"
        finally:
            self._listeners[channel].discard(queue)
            if not self._listeners[channel]:
                del self._listeners[channel]

    def _start(self) -> None:
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while self._listeners:
            try:
                await self._read_until_cut()
            except (redis.RedisError, OSError) as error:
                logger.warning("event stream cut, connecting again: %s", error)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _read_until_cut(self) -> None:
        async with (
            redis.asyncio.Redis.from_url(settings.VALKEY_URL) as client,
            client.pubsub() as subscription,
        ):
            await subscription.psubscribe(events.channel_pattern())
            while self._listeners:
                message = await subscription.get_message(timeout=KEEP_ALIVE_SECONDS)
                if message is None:
                    continue
                if message["type"] == "psubscribe":
                    self._tell_all(_HELLO)
                elif message["type"] == "pmessage":
                    self._tell(message["channel"].decode(), message["data"].decode())

    def _tell_all(self, data: str) -> None:
        for channel in list(self._listeners):
            self._tell(channel, data)

    def _tell(self, channel: str, data: str) -> None:
        for queue in self._listeners.get(channel, ()):
            is_late = queue.full()
            while is_late and not queue.empty():
                queue.get_nowait()
            queue.put_nowait(_HELLO if is_late else data)


_hubs: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def _next(queue: asyncio.Queue[str]) -> str:
    """Return what happened next, or nothing after a while."""
    try:
        return await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
    except TimeoutError:
        return ""


def _may_change_rights(data: str) -> bool:
    return bool(data) and json.loads(data)["kind"] in _CHANGES_RIGHTS


def _as_event(data: str) -> str:
    return f"event: project\ndata: {data}\n\n"
