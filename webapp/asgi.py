"""The web server's way in: event streams as coroutines, everything else in threads.

Django answers two to six times as many requests through WSGI as through ASGI, while a stream that
stays open for hours must not hold a thread.
"""

import re
from collections.abc import Awaitable, Callable
from typing import IO, Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import FileWrapper

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application

from webapp import wsgi

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Any], Awaitable[None]]

# A slow upload holds a thread as long as it lasts, so there are more of them than cores can use.
_THREADS = 32
_FILE_BLOCK_BYTES = 256 * 2**10
_EVENT_STREAM = re.compile(r"/api/v1/projects/[^/]+/events")

_streams = get_asgi_application()


def _pages(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    environ["wsgi.file_wrapper"] = _in_big_blocks
    return wsgi.application(environ, start_response)


def _in_big_blocks(file: IO[bytes], _size: int = 0) -> FileWrapper:
    """Send files in few pieces: each piece crosses from its thread to the event loop."""
    return FileWrapper(file, _FILE_BLOCK_BYTES)


_threaded_pages: Any = WSGIMiddleware(cast(Any, _pages), workers=_THREADS)


async def application(scope: Event, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" and _EVENT_STREAM.fullmatch(scope["path"]):
        await _streams(scope, receive, send)
    else:
        await _threaded_pages(scope, whole_body(receive), send)


def whole_body(receive: Receive) -> Receive:
    """Make an upload that breaks off an error; it would pass for a short one."""

    async def receive_or_fail() -> Event:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionResetError("the client went away")
        return event

    return receive_or_fail
