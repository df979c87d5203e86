"""Pupil as users run it, in a home of its own, and its parts by name."""

import contextlib
import os
import random
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
from tests.real import free_ports
from webapp.embedded import paths

ROOT = Path(__file__).resolve().parents[2]
ROLES = {
    "web": "webapp.asgi",
    "index": "--queues index",
    "teach": "--queues teach",
    "serve": "--queues serve --",
    "refine": "--queues refine",
    "inspect": "--queues inspect",
    "transfer": "--queues transfer",
    "housekeeping": "--queues housekeeping",
    "clock": "webapp beat",
    "valkey": "/valkey.sock",
    "scratch": "/scratch.sock",
    "postgres": "bin/postgres -D",
}
_DONE = """
SELECT (SELECT count(*) FROM webapp_job WHERE project_id = %s AND state = 'succeeded')
    + (SELECT count(*) FROM webapp_views JOIN webapp_image ON webapp_image.id = image_id
       WHERE project_id = %s)
"""
_START_SECONDS = 90
_PERSON = "load@example.org"
_SIGN_IN = """
import sys, django; django.setup()
from django.conf import settings
from django.test import Client
from webapp.models import User
client = Client()
user = User.objects.get(email=sys.argv[1])
client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
name = settings.SESSION_COOKIE_NAME
print(name, client.cookies[name].value)
"""


class App:
    """A running `manage.py up`."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        [self.port] = free_ports(1)
        self._environment = {
            **os.environ,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            **environment,
            "PUPIL_HOME": str(home),
        }
        self.output = home.with_name(f"{home.name}.out")
        self._siblings: list[subprocess.Popen[bytes]] = []
        self._more_ports: list[int] = []
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

    @property
    def addresses(self) -> list[str]:
        """Of every web process."""
        return [f"http://127.0.0.1:{port}" for port in (self.port, *self._more_ports)]

    @property
    def address(self) -> str:
        """Of any web process, as a proxy would choose."""
        return random.choice(self.addresses)  # noqa: S311  not a secret

    def client(self, *, timeout_seconds: float) -> httpx.Client:
        """Return a connection of somebody with a token to any web process.

        Nothing is encrypted on this machine: not to read all certificates saves 23 ms each time.
        """
        return httpx.Client(
            base_url=self.address,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=timeout_seconds,
            trust_env=False,
            verify=False,  # noqa: S501
        )

    def join(self, count: int) -> None:
        """Start more web processes and index workers on the same database, and wait for them."""
        logs = [self.home.with_name(f"sibling-{number}.out") for number in range(count)]
        for number, (log, port) in enumerate(zip(logs, free_ports(count), strict=True)):
            web = ["uvicorn", "webapp.asgi:application", "--port", str(port), "--lifespan", "off"]
            worker = ["celery", "--app", "webapp", "worker", "--pool", "solo", "--queues", "index"]
            worker += ["--hostname", f"index-{number}@%h", "--without-mingle"]
            self._siblings += [self._module(web, log), self._module(worker, log)]
            self._more_ports.append(port)
        for log in logs:
            soon(lambda log=log: " ready." in log.read_text(), seconds=180, what=f"{log.name}")
        for address in self.addresses:
            soon(lambda at=address: self.answers(at), seconds=_START_SECONDS, what=address)

    def _module(self, command: list[str], log: Path) -> "subprocess.Popen[bytes]":
        environment = {**self._environment, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        with log.open("a") as output:
            return subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=environment,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def session(self) -> dict[str, str]:
        """Return the cookie of a browser in which the load's person is signed in."""
        environment = {**self._environment, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        command = [sys.executable, "-c", _SIGN_IN, _PERSON]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        name, value = done.stdout.split()[-2:]
        return {"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}

    def stop(self) -> None:
        for sibling in self._siblings:
            sibling.terminate()
        for sibling in self._siblings:
            sibling.wait(90)
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

    def answers(self, address: str = "") -> bool:
        at = f"{address or self.addresses[0]}/readyz"
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(at, timeout=5, trust_env=False).is_success
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

    def done(self, project: int) -> int | None:
        """Count what was done in a project; None while the database is away."""
        with contextlib.suppress(psycopg2.Error):
            return int(self.one(_DONE, project, project))
        return None

    def _is_complete(self) -> bool:
        own = {"valkey", "scratch"} if self._environment["REDIS_URL"] else set()
        return set(self.parts()) == set(ROLES) - own

    def _token(self) -> str:
        command = [sys.executable, "manage.py", "token", _PERSON, "--create"]
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
