"""`manage.py up`: the whole app under one supervisor."""

import socket
from argparse import ArgumentParser
from contextlib import closing
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from webapp.embedded import locks, parts, paths, postgres, preparation, valkey
from webapp.embedded.errors import UpError
from webapp.embedded.supervisor import Stopped, Supervisor

_DATABASES = ("valkey", "scratch"), ("postgres",)
_READY_SECONDS = 60.0


class Command(BaseCommand):
    help = "Runs Pupil: web server, workers, and a database and queue of its own if you have none."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 to be seen from outside")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        try:
            self._run(settings.PUPIL_HOME, host, port)
        except (UpError, OSError) as error:
            raise CommandError(str(error)) from None

    def _run(self, home: Path, host: str, port: int) -> None:
        home.mkdir(parents=True, exist_ok=True)
        _claim(home)
        preparation.make_folders(home)
        with closing(listen(host, port)) as listener:
            supervisor = Supervisor(paths.logs(home), self._say)
            with supervisor.listening():
                try:
                    self._start(supervisor, home, listener)
                    supervisor.watch()
                except Stopped:
                    self._say("Stopping …")
                finally:
                    own = ["web", "clock", *parts.NICE_OF_QUEUE]
                    supervisor.stop(own, *_DATABASES)
        paths.remove_sockets(home)
        self._say("Stopped.")

    def _start(self, supervisor: Supervisor, home: Path, listener: socket.socket) -> None:
        self._say(f"Starting Pupil in {home} …")
        if not settings.DATABASE_URL:
            supervisor.start(postgres.program(home), alarms=False)
        if not settings.REDIS_URL:
            supervisor.start(valkey.program(home), alarms=False)
            supervisor.start(valkey.scratch(home), alarms=False)
            for socket_of in (paths.valkey_socket, paths.scratch_socket):
                path = socket_of(home)
                supervisor.wait_for("Valkey", partial(valkey.is_ready, path), timeout_seconds=60)
        if not settings.DATABASE_URL:
            # Generous: after a crash it reads its log first.
            supervisor.wait_for("PostgreSQL", lambda: postgres.is_ready(home), timeout_seconds=300)
            postgres.create_database(home)
        preparation.migrate()
        preparation.collect_static()

        supervisor.start(parts.web(descriptor=listener.fileno()))
        address = settings.PUBLIC_URL or _address(listener)
        link = _sign_in_link(address)
        supervisor.wait_for(
            "The web server", lambda: _is_ready(listener), timeout_seconds=_READY_SECONDS
        )
        # Only now: they would take the processor from what the user waits for.
        for program in (*parts.workers(), parts.clock()):
            supervisor.start(program)
        self._say(f"Pupil is ready at {address}")
        self._say(f"Sign in with this link, once: {link}")
        self._say("Stop with Ctrl-C.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _sign_in_link(address: str) -> str:
    from webapp.services.accounts import sign_in_link  # late: it needs the tables

    try:
        return sign_in_link(address)
    finally:
        connection.close()


def _claim(home: Path) -> None:
    """Hold the home for as long as this process lives."""
    if locks.try_lock(home) is None:
        raise UpError(
            f"Pupil already runs in {home}. Stop it first, or set PUPIL_HOME to another folder "
            "and choose another port: make run PUPIL_HOME=FOLDER PORT=8001."
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UpError: it can't.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UpError(
            f"Can't listen on {host} port {port}: {error.strerror}. "
            "Choose another port: make run PORT=8001."
        ) from None
    # uvicorn takes an inherited socket for a local one, where there is no such thing: an answer's
    # body would wait 40 ms for its head to be acknowledged. Connections inherit it from here.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104  recognised here, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_ready(listener: socket.socket) -> bool:
    """Ask the server itself. No proxy comes into it, unlike with clients that read HTTP_PROXY."""
    host, port = listener.getsockname()[:2]
    with closing(HTTPConnection(host, port, timeout=5.0)) as connection_to_web:
        try:
            connection_to_web.request("GET", "/readyz")
            return connection_to_web.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR
        except (OSError, HTTPException):
            return False
