"""What all tests share: a real PostgreSQL and Valkey, and on demand a worker, a site, a browser.

Worker and site are started once and stand still in every test that does not ask for them: nothing
of theirs comes between it and its tables.

- `db`, `transactional_db` (pytest-django): the test database. Rows that a worker or the site shall
  see must be committed: both fixtures below bring `transactional_db` along.
- `worker`: one real worker process for all queues.
- `site`: the address of the real web server.
- `page`: a page of a real browser, at `site`; `sign_in(user)` signs it in.
"""

import contextlib
import faulthandler
import os
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import redis
from _pytest.faulthandler import fault_handler_stderr_fd_key
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests import factories, servers
from webapp.models import User

_CHROMIUM = "/usr/bin/chromium"
_PAGE_TIMEOUT_MS = 30_000
_NEVER_ASKED_FOR = "https://nowhere.invalid/"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Limit the end of a test too: once it failed, neither pytest nor its plugin does."""
    seconds = float(item.config.getini("faulthandler_timeout"))
    stderr = item.config.stash[fault_handler_stderr_fd_key]
    faulthandler.dump_traceback_later(seconds, exit=True, file=stderr)
    return (yield)


@pytest.fixture(scope="session")
def databases() -> Iterator[dict[str, servers.Running]]:
    """The embedded servers by name, for tests that kill one; empty where others are in use."""
    with servers.databases(settings.PUPIL_HOME) as started:
        yield started


@pytest.fixture(scope="session")
def django_db_modify_db_settings(databases: dict[str, servers.Running]) -> None:
    """Have pytest-django wait for the server before it makes its database."""


@pytest.fixture(scope="session")
def network_cache() -> Path:
    """Where networks are kept converted, which takes seconds each: once for all tests."""
    cache: Path = settings.LEARNING_CACHE
    return cache


@pytest.fixture(autouse=True)
def _fresh_start(request: pytest.FixtureRequest) -> Iterator[None]:
    """Draw what this test draws every time, and leave no message, answer or cached value."""
    factories.draw_from(zlib.crc32(request.node.nodeid.encode()))
    yield
    if "databases" in request.fixturenames:
        # The app's own client gives up after two seconds.
        with redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=60) as valkey:
            valkey.flushdb()


@pytest.fixture(scope="session")
def _programs() -> list[servers.Running]:
    """Everything beside the tests that may be using their database."""
    return []


@pytest.fixture
def _held_still_at_the_end(
    transactional_db: None, _programs: list[servers.Running]
) -> Iterator[None]:
    """Hold the programs while `transactional_db`, which ends next, empties the tables."""
    yield
    servers.hold_still(_programs)


@pytest.fixture(scope="session")
def _worker(django_db_setup: None, _programs: list[servers.Running]) -> Iterator[servers.Running]:
    with servers.worker() as process:
        _programs.append(process)
        yield process


@pytest.fixture
def worker(_worker: servers.Running, _held_still_at_the_end: None) -> servers.Running:
    _worker.thaw()
    _worker.ensure()
    return _worker


@pytest.fixture(scope="session")
def web_server(
    django_db_setup: None, _programs: list[servers.Running]
) -> Iterator[tuple[servers.Running, str]]:
    servers.collect_static()
    with servers.web() as process_and_address:
        _programs.append(process_and_address[0])
        yield process_and_address


@pytest.fixture
def site(web_server: tuple[servers.Running, str], _held_still_at_the_end: None) -> str:
    process, address = web_server
    process.thaw()
    process.ensure()
    return address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's synchronous calls run an event loop in this thread, in which Django would refuse
    # to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=_PAGE_TIMEOUT_MS)
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def browser_context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    with browser.new_context(
        base_url=site, locale="en-GB", viewport={"width": 1280, "height": 800}
    ) as context:
        context.set_default_timeout(_PAGE_TIMEOUT_MS)
        # Requests are looked at from the start: where that begins with a test's own route, Chromium
        # lets the very next request pass.
        context.route(_NEVER_ASKED_FOR, lambda route: route.abort())
        yield context
        # A route that is just being answered when the context goes is an error of the next test's.
        for page in context.pages:
            with contextlib.suppress(Error):  # it may have gone wrong by now
                page.unroute_all(behavior="ignoreErrors")


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    return browser_context.new_page()


@pytest.fixture
def sign_in(browser_context: BrowserContext, site: str) -> Callable[[User], None]:
    """Sign the browser in as somebody, without the form."""

    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        name = settings.SESSION_COOKIE_NAME
        browser_context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": site}]
        )

    return sign_in
