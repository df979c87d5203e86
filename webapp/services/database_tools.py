"""PostgreSQL's own tools on our database: all of it out, or all of it in, wholly or not at all."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from django.db import connection

from webapp.embedded.postgres import BINARIES
from webapp.errors import PupilError
from webapp.services.sign_indexes import BUILD_MEMORY

_BLOCK_BYTES = 2**20
_AS_OURS = ["--no-owner", "--no-privileges"]
# Else what the server gives may be too little for an index that was made with more. Who works here
# all the same holds tables, and is not waited for for ever.
_SETTINGS = (
    f"-c maintenance_work_mem={BUILD_MEMORY} -c lock_timeout=30s -c client_min_messages=warning"
)
_ENCRYPTED = {"require", "verify-ca", "verify-full"}
_SECRET = {"password", "sslpassword"}
_EMPTIED = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
_COMMIT = b"\nCOMMIT;\n"


def dump(output: IO[bytes]) -> None:
    """Write the database as it is at one moment.

    Raises:
        PupilError: that failed.
    """
    options = [*_AS_OURS, "--format=custom", "--dbname", _address()]
    with _Tool("pg_dump", options, stdout=output) as pg_dump:
        pg_dump.check()


def replace_all(dumped: Path) -> None:
    """Put what was dumped in the place of all that is there, in one transaction.

    Raises:
        PupilError: that failed; all is as it was.
    """
    unpacking = [*_AS_OURS, "--file", "-", str(dumped)]
    running = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"]
    running += ["--dbname", _address(_SETTINGS), "--command", "BEGIN", "--command", _EMPTIED]
    running += ["--file", "-"]
    for name in ("psql", "pg_restore"):
        _path(name)  # before anybody is sent away
    _end_other_sessions()
    connection.close()
    with (
        _Tool("psql", running, stdin=subprocess.PIPE) as psql,
        _Tool("pg_restore", unpacking, stdout=subprocess.PIPE) as pg_restore,
    ):
        if pg_restore.pour_into(psql):
            pg_restore.check()
            # Told, not meant by the end of its input: that comes where we are killed, too.
            psql.tell(_COMMIT)
        psql.check()


class _Tool:
    """One of PostgreSQL's own, at work; what it is not left to end is killed."""

    def __init__(
        self,
        name: str,
        options: list[str],
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: "int | IO[bytes]" = subprocess.DEVNULL,
    ) -> None:
        self._name = name
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed at the end
        self._process = subprocess.Popen(  # noqa: S603  our own tools, no shell
            [_path(name), *options],
            stdin=stdin,
            stdout=stdout,
            stderr=self._said,
            env=_environment(),
        )

    def __enter__(self) -> "_Tool":
        return self

    def __exit__(self, *_: object) -> None:
        with self._said, self._process:
            self._process.kill()

    def pour_into(self, other: "_Tool") -> bool:
        """Hand on all that this one writes; return whether the other one took it."""
        source, target = self._process.stdout, other._process.stdin
        assert source is not None  # noqa: S101  for the type checker
        assert target is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            while block := source.read(_BLOCK_BYTES):
                target.write(block)
            target.flush()
            return True
        return False

    def tell(self, words: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101  for the type checker
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(words)
            self._process.stdin.flush()

    def check(self) -> None:
        """Wait until it has ended by itself.

        Raises:
            PupilError: it failed, and why.
        """
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        if self._process.wait():
            self._said.seek(0)
            raise PupilError(f"{self._name}: {self._said.read().decode(errors='replace').strip()}")


def _path(name: str) -> str:
    """Return where a tool is: those that come along are built without TLS.

    Raises:
        PupilError: it must speak TLS, and none that may is here.
    """
    asked = connection.get_connection_params().get("sslmode", os.environ.get("PGSSLMODE"))
    if asked not in _ENCRYPTED:
        return str(BINARIES / name)
    found = shutil.which(name)
    if found is None:
        raise PupilError(
            f"DATABASE_URL asks for TLS, which takes PostgreSQL's own {name}, of the server's "
            "version or newer: install its client programs."
        )
    return found


def _address(settings: str = "") -> str:
    """Return where our database is, by all that its connection was told, but for the password."""
    connection.ensure_connection()
    told = connection.connection.get_dsn_parameters()
    told["options"] = f"{told.get('options', '')} {settings}".strip()
    return " ".join(
        f"{name}={_quoted(value)}" for name, value in told.items() if name not in _SECRET
    )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"


def _environment() -> dict[str, str]:
    """Tell the password in private: who lists processes sees their arguments."""
    password = connection.get_connection_params().get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}


def _end_other_sessions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND pg_has_role(usesysid, 'USAGE')"  # of others' sessions it would be refused
        )
