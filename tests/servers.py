"""Starts the app's programs for tests: the same ones that `manage.py up` runs."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import connection

from webapp.celery import QUEUES
from webapp.embedded import parts, paths, postgres, preparation, valkey
from webapp.embedded.programs import Program, wait_until

_START_SECONDS = 180.0
# These databases live for one run: no need to wait for disks.
_HASTY_VALKEY = ("--appendfsync", "no")
_HASTY_POSTGRES = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")

_END_SESSIONS = """
SELECT pid, pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
  AND pid <> pg_backend_pid()
"""
_SESSIONS = "SELECT pid, state, wait_event, query FROM pg_stat_activity WHERE pid = ANY(%s)"


class Running:
    """A program that was started, and is started again where a test has killed it."""

    def __init__(self, program: Program, is_ready: Callable[[], bool]) -> None:
        self.program = program
        self.log = log_of(program)
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def ensure(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("wb") as output:
            self._process = self.program.start(output)
        if not wait_until(self._is_ready, timeout_seconds=_START_SECONDS):
            self.stop()
            raise AssertionError(f"{self.program.name} did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, what: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(what)  # which minds itself whether there still is one

    def stop(self) -> None:
        if self._process is None:
            return
        self.thaw()
        self._process.send_signal(self.program.stop_signal)
        try:
            self._process.wait(self.program.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def hold_still(programs: Iterable[Running]) -> None:
    """Freeze programs where they are, and end what they have begun in the database.

    Nothing of theirs can then stand between a test and the emptying of its tables. Thawed, they
    find their transaction broken, as after a crash of the database, and go on.
    """
    for program in programs:
        program.freeze()
    with connection.cursor() as cursor:
        cursor.execute(_END_SESSIONS)
        others = [pid for pid, was_ended in cursor.fetchall() if not was_ended]
        cursor.execute(_SESSIONS, [others])  # those that had not ended by themselves
        assert cursor.fetchall() == []


def log_of(program: Program) -> Path:
    return paths.logs(settings.PUPIL_HOME) / f"{program.name}.log"


@contextlib.contextmanager
def running(program: Program, is_ready: Callable[[], bool]) -> Iterator[Running]:
    server = Running(program, is_ready)
    try:
        server.ensure()
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def databases(home: Path) -> Iterator[dict[str, Running]]:
    """Run PostgreSQL and Valkey, unless the environment names others."""
    started = {}
    with contextlib.ExitStack() as stack:
        if not settings.DATABASE_URL:
            program = postgres.program(home)
            program = replace(program, command=[*program.command, *_HASTY_POSTGRES])
            server = running(program, lambda: postgres.is_ready(home))
            started["postgres"] = stack.enter_context(server)
        if not settings.REDIS_URL:
            for program, path in (
                (valkey.program(home), paths.valkey_socket(home)),
                (valkey.scratch(home), paths.scratch_socket(home)),
            ):
                program = replace(program, command=[*program.command, *_HASTY_VALKEY])
                server = running(program, partial(valkey.is_ready, path))
                started[program.name] = stack.enter_context(server)
        yield started


@contextlib.contextmanager
def worker() -> Iterator[Running]:
    """Run one worker for all queues on the test database."""
    program = on_test_database(parts.worker("worker", QUEUES))
    log = log_of(program)
    # It says so itself; asking it by Celery's `ping` would pile up messages until it is there.
    with running(program, lambda: " ready.\n" in log.read_text()) as process:
        yield process


@contextlib.contextmanager
def web() -> Iterator[tuple[Running, str]]:
    """Run the web server on the test database, on a port of its own; yield its address too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        program = on_test_database(parts.web(descriptor=listener.fileno()))
        with running(program, lambda: answers(address)) as process:
            yield process, address


def collect_static() -> None:
    """Gather the static files as the web server wants them: under the app's settings, not ours."""
    ignored = [f"--ignore={pattern}" for pattern in preparation.NOT_STATIC]
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0", *ignored],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "webapp.settings"},
        check=True,
    )


def answers(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{address}/readyz", timeout=5, trust_env=False).is_success
    return False


def on_test_database(program: Program) -> Program:
    # The parts' own settings, not the tests': what runs is what users run.
    return replace(program, environment={**program.environment, "DATABASE_URL": database_url()})


def database_url() -> str:
    """Return the address of the test database."""
    url = urlsplit(settings.DATABASE_URL or paths.database_url(settings.PUPIL_HOME))
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
