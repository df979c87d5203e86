"""The web server's way in: event streams and `/healthz` as coroutines, all else in threads.

A small answer takes Django more than twice the processor time through ASGI, 2.0 to 2.4 ms where it
takes 0.9 through WSGI; but a stream that stays open for hours must not hold a thread.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import IO, Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import FileWrapper

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application

from webapp import wsgi

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Any], Awaitable[None]]

_PART_BYTES = 2**20
# Whoever sends a part more slowly is cut off, at 2 kB/s: pages send three pictures at once.
PART_SECONDS = 600.0
_FILE_BLOCK_BYTES = 256 * 2**10
_TOO_SLOW = json.dumps(
    {"error": {"code": "too_slow", "message": "The request came too slowly.", "details": {}}}
).encode()
# Probes and Prometheus ask a process by its address, and are told nothing that depends on it.
_FOR_WATCHERS = {"/readyz", "/metrics"}
_EVENT_STREAM = re.compile(r"/api/v1/projects/[^/]+/events")

_streams = get_asgi_application()


def _pages(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    environ["wsgi.file_wrapper"] = _in_big_blocks
    if environ["PATH_INFO"] in _FOR_WATCHERS:
        environ["HTTP_HOST"] = "localhost"
    return wsgi.application(environ, start_response)


def _in_big_blocks(file: IO[bytes], _size: int = 0) -> FileWrapper:
    """Send files in few pieces: each piece crosses from its thread to the event loop."""
    return FileWrapper(file, _FILE_BLOCK_BYTES)


threaded_pages: Any = WSGIMiddleware(cast(Any, _pages), workers=settings.WEB_THREADS)


async def application(scope: Event, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        await threaded_pages(scope, receive, send)
    elif scope["path"] == "/healthz":  # said without a thread, also while none is free
        await _answer(send, 200, b'{"status": "ok"}')
    elif _EVENT_STREAM.fullmatch(scope["path"]):
        await _streams(scope, receive, send)
    else:
        await _page(scope, in_big_parts(receive), send)


async def _page(scope: Event, receive: Receive, send: Send) -> None:
    """Answer in a thread, or with 408 where the body comes too slowly, whatever the page says."""
    is_late = False

    async def receive_in_time() -> Event:
        nonlocal is_late
        try:
            return await receive()
        except TimeoutError:
            is_late = True
            raise

    async def send_unless_late(event: Event) -> None:
        if not is_late:
            await send(event)

    first = None
    with suppress(ConnectionResetError, TimeoutError):
        first = await receive_in_time()
    if first is not None:
        await threaded_pages(scope, _beginning_with(first, receive_in_time), send_unless_late)
    if is_late:
        await _answer(send, 408, _TOO_SLOW)


async def _answer(send: Send, status: int, body: bytes) -> None:
    """Answer in JSON; after an error, what may still come of the request is not waited for."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if status != HTTPStatus.OK:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def in_big_parts(receive: Receive) -> Receive:
    """Wait for much of a body at a time, here and not in the thread of the page.

    Every part that a thread asks for costs two changes of threads, each of which waits for its turn
    with Python's lock; and whoever sends slowly holds no thread until the first part is here, which
    of most photos is a good deal. From then on it does.

    An upload that breaks off raises `ConnectionResetError`; it would pass for a short one. One that
    comes too slowly raises `TimeoutError`.
    """

    async def receive_in_time() -> Event:
        async with asyncio.timeout(PART_SECONDS):
            return await receive_much()

    async def receive_much() -> Event:
        parts: list[bytes] = []
        size, more = 0, True
        while more and size < _PART_BYTES:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise ConnectionResetError("the client went away")
            parts.append(event.get("body", b""))
            size, more = size + len(parts[-1]), event.get("more_body", False)
        return {"type": "http.request", "body": b"".join(parts), "more_body": more}

    return receive_in_time


def _beginning_with(first: Event, receive: Receive) -> Receive:
    waiting = [first]

    async def receive_from_the_start() -> Event:
        return waiting.pop() if waiting else await receive()

    return receive_from_the_start
