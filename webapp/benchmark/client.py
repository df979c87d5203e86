"""A client that costs little: it shares the processor with what it measures."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_TIMEOUT_SECONDS = 120.0
_OK = 300
_TOO_MANY = 429


class TurnedAwayError(Exception):
    """The server says that it has too much to do just now, and when to come back."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class Client:
    """Keeps one connection open per thread."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "localhost", parts.port or 80
        self._headers = {"Authorization": f"Bearer {token}"}
        self._local = threading.local()
        self._connections: list[HTTPConnection] = []

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def get(self, path: str) -> Any:
        return self._ask("GET", path, b"", {})

    def post(self, path: str, body: object) -> Any:
        return self._ask("POST", path, json.dumps(body).encode(), _of_type("application/json"))

    def send(self, path: str, files: Iterable[bytes]) -> Any:
        """Post JPEG files as a form does."""
        boundary = uuid.uuid4().hex
        parts: list[bytes] = []
        for number, data in enumerate(files):
            head = f'Content-Disposition: form-data; name="file"; filename="{number}.jpg"'
            parts += [f"--{boundary}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode()]
            parts += [data, b"\r\n"]
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        return self._ask("POST", path, body, _of_type(f"multipart/form-data; boundary={boundary}"))

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        try:
            response, data = self._exchange(method, path, body, headers)
        except ConnectionError:  # kept open too long for the server: as browsers do, once more
            self._local.connection.close()
            response, data = self._exchange(method, path, body, headers)
        if response.status == _TOO_MANY:
            raise TurnedAwayError(float(response.headers["Retry-After"]))
        if response.status >= _OK:
            raise RuntimeError(f"{method} {path}: {response.status} {data[:300]!r}")
        return json.loads(data)

    def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = HTTPConnection(self._host, self._port, timeout=_TIMEOUT_SECONDS)
            self._local.connection = connection
            self._connections.append(connection)
        connection.request(method, f"/api/v1{path}", body, {**self._headers, **headers})
        response = connection.getresponse()
        return response, response.read()


def _of_type(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type}


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return how many seconds it took, and what it gave."""
    started = time.perf_counter()
    given = work()
    return time.perf_counter() - started, given


def at_once(clients: int, work: Sequence[Callable[[], object]]) -> float:
    """Do all the work on so many threads; return how many seconds it took."""
    with ThreadPoolExecutor(clients) as pool:
        started = time.perf_counter()
        for done in [pool.submit(one) for one in work]:
            done.result()
        return time.perf_counter() - started
