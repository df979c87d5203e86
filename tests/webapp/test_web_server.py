"""What the web server does, whatever the page."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import uvicorn
from django.conf import settings

from tests.factories import ProjectFactory, jpeg
from tests.servers import Running
from webapp import asgi
from webapp.models import Project
from webapp.services import accounts


@pytest.fixture
def visitor(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def project(site: str) -> Project:
    return ProjectFactory()


@pytest.fixture
def token(project: Project) -> str:
    _, key = accounts.create_token(user=project.members.get(), name="test")
    return key


def test_pages_forbid_what_is_inline(visitor: httpx.Client) -> None:
    policy = visitor.get("/accounts/login/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_torch_stays_out(visitor: httpx.Client, web_server: tuple[Running, str]) -> None:
    visitor.get("/api/v1/openapi.json").raise_for_status()
    process, _ = web_server
    libraries = {memory.path for memory in psutil.Process(process.pid).memory_maps()}
    assert not [path for path in libraries if "torch" in path]


def test_big_upload_is_refused_by_name_without_filling_memory(
    visitor: httpx.Client, project: Project, token: str, web_server: tuple[Running, str]
) -> None:
    server = psutil.Process(web_server[0].pid)
    before = server.memory_info().rss
    answer = visitor.post(
        f"/api/v1/projects/{project.pk}/images",
        files=[("file", ("big.jpg", bytes(60 * 2**20))), ("file", ("good.jpg", jpeg()))],
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201
    assert [error["filename"] for error in answer.json()["errors"]] == ["big.jpg"]
    assert [image["filename"] for image in answer.json()["images"]] == ["good.jpg"]
    assert server.memory_info().rss - before < 40 * 2**20


@pytest.mark.django_db(transaction=True)
def test_who_watches_may_ask_by_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["pupil.example.org", "localhost"])
    app = httpx.WSGITransport(asgi._pages)
    paths = ("/readyz", "/metrics", "/accounts/login/")
    with httpx.Client(transport=app, base_url="http://10.1.2.3:8000") as watcher:
        asked = {path: watcher.get(path).status_code for path in paths}
    assert asked == {"/readyz": 200, "/metrics": 404, "/accounts/login/": 400}


def answer_to_a_beginning(site: str, path: str, **headers: str) -> int:
    """Announce a form of a gigabyte, send its first part, and return what is answered."""
    with closing(HTTPConnection(urlsplit(site).netloc, timeout=60)) as connection:
        connection.putrequest("POST", path)
        headers |= {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(2**30)}
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        connection.send(head.ljust(2**20, b"a"))
        return connection.getresponse().status


class TestFormTooLarge:
    """It is refused while most of it is still to come."""

    @pytest.mark.parametrize(
        ("path", "status"), [("/accounts/login/", 413), ("/api/v1/projects/1/images", 401)]
    )
    @pytest.mark.parametrize("authorization", ["", "Bearer made-up"])
    def test_of_a_stranger(self, site: str, path: str, status: int, authorization: str) -> None:
        cookies = f"{settings.CSRF_COOKIE_NAME}={'a' * 32}; {settings.SESSION_COOKIE_NAME}=made-up"
        headers = {"Cookie": cookies, "X-CSRFToken": "a" * 32, "Authorization": authorization}
        assert answer_to_a_beginning(site, path, **headers) == status

    def test_of_somebody_we_know(self, site: str, project: Project, token: str) -> None:
        path = f"/api/v1/projects/{project.pk}/images"
        assert answer_to_a_beginning(site, path, Authorization=f"Bearer {token}") == 413


@pytest.fixture
def server_here() -> Iterator[str]:
    """The web server in this process, where a test can hold its threads and change its limits."""
    server = uvicorn.Server(uvicorn.Config(asgi.application, lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("sent", [b"login=", b"login=".ljust(2**20, b"a")])
def test_whoever_stops_sending_holds_no_thread_for_ever(
    server_here: str, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(asgi, "PART_SECONDS", 0.5)
    with closing(HTTPConnection(server_here, timeout=60)) as visitor:
        visitor.putrequest("POST", "/accounts/login/")
        visitor.putheader("Content-Type", "application/x-www-form-urlencoded")
        visitor.putheader("Content-Length", str(2**21))
        visitor.putheader("Cookie", f"{settings.CSRF_COOKIE_NAME}={'a' * 32}")
        visitor.endheaders(sent)
        assert visitor.getresponse().status == 408


def test_that_the_process_is_there_is_said_while_all_threads_are_held(server_here: str) -> None:
    released = threading.Event()
    held = [asgi.threaded_pages.executor.submit(released.wait) for _ in range(settings.WEB_THREADS)]
    try:
        answer = httpx.get(f"http://{server_here}/healthz", timeout=60, trust_env=False)
    finally:
        released.set()
        wait(held)
    assert answer.json() == {"status": "ok"}


def received(*events: asgi.Event) -> list[Any]:
    """Return the parts that a page gets of what comes, until the last or an error."""
    waiting = list(events)

    async def receive() -> asgi.Event:
        return waiting.pop(0)

    async def all_parts() -> list[Any]:
        parts: list[Any] = []
        body = asgi.in_big_parts(receive)
        try:
            while not parts or parts[-1]["more_body"]:
                parts.append(await body())
        except ConnectionResetError as error:
            parts.append(type(error))
        return parts

    # In a thread of its own: where browser tests ran before, this one has Playwright's event loop.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, all_parts()).result()


def part(body: bytes, *, more: bool) -> asgi.Event:
    return {"type": "http.request", "body": body, "more_body": more}


def test_body_comes_to_the_page_in_few_parts() -> None:
    sent = [part(b"a" * 2**16, more=True)] * 20 + [part(b"z", more=False)]
    bodies = [each["body"] for each in received(*sent)]
    assert [len(body) for body in bodies] == [2**20, 4 * 2**16 + 1]
    assert b"".join(bodies) == b"a" * 20 * 2**16 + b"z"


def test_upload_that_breaks_off_is_no_shorter_upload() -> None:
    gone = {"type": "http.disconnect"}
    assert received(part(b"a=1", more=True), gone) == [ConnectionResetError]
    whole = part(b"a" * 2**20, more=True)
    assert received(whole, part(b"b", more=True), gone) == [whole, ConnectionResetError]
