"""What the web server does, whatever the page."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

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


def test_upload_that_breaks_off_is_no_shorter_upload() -> None:
    events = [
        {"type": "http.request", "body": b"a=1", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> asgi.Event:
        return events.pop(0)

    body = asgi.whole_body(receive)
    # In a thread of its own: where browser tests ran before, this one has Playwright's event loop.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, body()).result()["body"] == b"a=1"
        with pytest.raises(ConnectionResetError):
            pool.submit(asyncio.run, body()).result()
