"""`manage.py up`, run as users run it."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from django.conf import settings

from tests.servers import answers
from webapp.embedded import paths
from webapp.embedded.programs import wait_until
from webapp.management.commands.up import listen

# What their command lines have in them.
MARKS = {
    "postgres": "bin/postgres -D",
    "valkey": "/valkey.sock",
    "scratch": "/scratch.sock",
    "web": "webapp.asgi",
    "index": "--queues index",
    "teach": "--queues teach",
    "serve": "--queues serve",
    "refine": "--queues refine",
    "inspect": "--queues inspect",
    "transfer": "--queues transfer",
    "housekeeping": "--queues housekeeping",
    "clock": "webapp beat",
}
PARTS = set(MARKS)
START_SECONDS = 180.0

pytestmark = pytest.mark.timeout(3 * START_SECONDS)


class Up:
    """One running `manage.py up`."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.address = f"http://127.0.0.1:{port}"
        self.output = home / f"up.{port}.out"
        apart = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
        environment = {key: value for key, value in os.environ.items() if key not in apart}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(port)],
                cwd=settings.BASE_DIR,
                env={**environment, "PUPIL_HOME": str(home)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> "Up":
        is_settled = lambda: "Ctrl-C" in self.said() or self.process.poll() is not None  # noqa: E731
        assert wait_until(is_settled, timeout_seconds=START_SECONDS), self.said()
        assert self.process.poll() is None, self.said()
        return self

    def said(self) -> str:
        return self.output.read_text()

    def parts(self) -> dict[str, psutil.Process]:
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it may be gone by now
                command = " ".join(child.cmdline())
                found |= {name: child for name, mark in MARKS.items() if mark in command}
        return found

    def all_parts(self) -> dict[str, psutil.Process]:
        """Return all parts, seen at once: one that is just being started is not itself yet."""
        found: dict[str, psutil.Process] = {}

        def are_seen() -> bool:
            found.clear()
            found.update(self.parts())
            return set(found) == PARTS

        assert wait_until(are_seen, timeout_seconds=90), f"{PARTS - set(found)}\n{self.said()}"
        return found

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def up(home: Path, free_port: Callable[[], int]) -> Iterator[Up]:
    running = Up(home, free_port())
    yield running.wait_until_ready()
    if running.process.poll() is None:
        running.stop()


def processes_of(home: Path) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), process.environ().get("PUPIL_HOME", "")]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(home) in word for word in told):
            found.append(" ".join(told))
    return found


def test_ready_to_sign_in_then_ctrl_c_leaves_nothing(home: Path, up: Up) -> None:
    assert up.all_parts()
    links = re.findall(rf"{re.escape(up.address)}/\S+", up.said())
    assert len(links) == 1
    for place, hint in (("/", "first to follow"), ("/accounts/login/", "followed before")):
        with httpx.Client(trust_env=False) as visitor:
            assert visitor.get(links[0]).headers["location"] == place, hint

    assert up.stop() == 0

    assert processes_of(home) == []
    assert not paths.sockets(home).exists()
    assert not list(home.rglob("*.pid"))


def test_parts_that_are_killed_come_back(up: Up) -> None:
    before = up.all_parts()
    for part in before.values():
        part.kill()

    def are_back() -> bool:
        now = up.parts()
        return set(now) == PARTS and all(now[name].pid != before[name].pid for name in PARTS)

    assert wait_until(are_back, timeout_seconds=90), up.said()
    assert wait_until(lambda: answers(up.address), timeout_seconds=60)


def test_killed_supervisor_takes_its_parts_along_and_the_next_recovers(
    home: Path, up: Up, free_port: Callable[[], int]
) -> None:
    up.process.kill()
    up.process.wait()

    second = Up(home, free_port()).wait_until_ready()

    assert second.all_parts()
    assert second.stop() == 0
    assert processes_of(home) == []


def test_one_home_is_run_once_two_homes_side_by_side(
    home: Path, up: Up, free_port: Callable[[], int], other_home: Path
) -> None:
    same = Up(home, free_port())
    assert same.process.wait(60) == 1
    assert f"already runs in {home}" in same.said()
    assert "Traceback" not in same.said()

    side = Up(other_home, free_port()).wait_until_ready()
    assert answers(side.address)
    assert answers(up.address)
    assert side.stop() == 0


def test_answers_wait_for_no_acknowledgement(free_port: Callable[[], int]) -> None:
    port = free_port()
    with listen("127.0.0.1", port) as listener, socket.create_connection(("127.0.0.1", port)):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_taken_port_is_named(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        late = Up(home, port)
        assert late.process.wait(60) == 1
    assert f"port {port}" in late.said()
    assert "PORT=" in late.said()
    assert "Traceback" not in late.said()
