"""Pupil as users run it, in a home of its own, and its parts by name."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg2

from tests.faults.surroundings import soon
from tests.real import free_port
from webapp.embedded import paths

ROOT = Path(__file__).resolve().parents[2]
ROLES = {
    "web": "webapp.asgi",
    "index": "--queues index",
    "teach": "--queues teach",
    "serve": "--queues serve",
    "refine": "--queues refine",
    "transfer": "--queues transfer",
    "housekeeping": "--queues housekeeping",
    "clock": "webapp beat",
    "valkey": "/valkey.sock",
    "scratch": "/scratch.sock",
    "postgres": "bin/postgres -D",
}
_START_SECONDS = 90


class App:
    """A running `manage.py up`."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            **environment,
            "PUPIL_HOME": str(home),
        }
        self.output = home.with_name(f"{home.name}.out")
        self.start()
        self.token = self._token()

    def start(self) -> None:
        with self.output.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            soon(self.answers, seconds=_START_SECONDS, what="Pupil answers")
            soon(self._is_complete, seconds=_START_SECONDS, what="all parts are there")
        except AssertionError:
            self.stop()
            print(self.output.read_text()[-3000:])
            raise

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(90)

    def kill_supervisor(self) -> None:
        self.process.kill()
        self.process.wait()

    def parts(self) -> dict[str, psutil.Process]:
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                command = " ".join(child.cmdline())
                found |= {name: child for name, mark in ROLES.items() if mark in command}
        return found

    def kill(self, role: str) -> None:
        """Kill -9 one part; one that is not there just now is waited for."""
        soon(lambda: role in self.parts(), seconds=60, what=f"{role} is there")
        self.parts()[role].kill()

    def answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.address}/readyz", timeout=5, trust_env=False).is_success
        return False

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read from the database itself: what the app says of it is under test too."""
        connection = psycopg2.connect(paths.database_url(self.home), connect_timeout=5)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def one(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def is_settled(self, project: int) -> bool:
        """Say whether no work is left in a project."""
        with contextlib.suppress(psycopg2.Error):
            return not self.one(
                "SELECT count(*) FROM webapp_job WHERE project_id = %s"
                " AND state IN ('queued', 'running')",
                project,
            )
        return False

    def _is_complete(self) -> bool:
        own = {"valkey", "scratch"} if self._environment["REDIS_URL"] else set()
        return set(self.parts()) == set(ROLES) - own

    def _token(self) -> str:
        command = [sys.executable, "manage.py", "token", "load@example.org", "--create"]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()[-1]


@contextlib.contextmanager
def running(home: Path, environment: Mapping[str, str], cache: Path) -> Iterator[App]:
    """Run the app; the networks as they were converted once are taken from `cache` and left there.

    Without them the first start would take minutes.
    """
    home.mkdir(exist_ok=True)
    home.chmod(0o711)  # PostgreSQL may have to run as another user
    if cache.exists():
        shutil.copytree(cache, home / "cache")
    app = App(home, environment)
    try:
        yield app
        if not cache.exists():
            shutil.copytree(home / "cache", cache)
    finally:
        app.stop()
