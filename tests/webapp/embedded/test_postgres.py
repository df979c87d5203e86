import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.servers import Running, running
from webapp.embedded import paths, postgres


@pytest.fixture
def server(home: Path) -> Iterator[Running]:
    with running(postgres.program(home), lambda: postgres.is_ready(home)) as server:
        postgres.create_database(home)
        yield server


def query(home: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(paths.database_url(home))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def test_has_pgvector_and_no_network_port(home: Path, server: Running) -> None:
    assert query(home, "SELECT '[1,2]'::halfvec(2) <=> '[1,2]'::halfvec(2)") == [(0.0,)]
    assert query(home, "SHOW listen_addresses") == [("",)]


@pytest.mark.parametrize(
    ("memory_mb", "limit", "buffers_mb"),
    [(512, "max", 128), (4096, "max", 512), (24_000, "max", 1024), (24_000, str(2**31), 256)],
)
def test_keeps_an_eighth_of_the_memory_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_mb: int, limit: str, buffers_mb: int
) -> None:
    told = {"SC_PAGE_SIZE": 2**20, "SC_PHYS_PAGES": memory_mb}
    monkeypatch.setattr(os, "sysconf", told.__getitem__)
    monkeypatch.setattr(postgres, "_CGROUP_LIMIT", tmp_path / "memory.max")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    assert postgres.buffers_mb() == buffers_mb


def test_kill_loses_nothing_acknowledged(home: Path, server: Running) -> None:
    query(home, "CREATE TABLE written (number int)")
    acknowledged: list[int] = []
    enough = threading.Event()
    writer = threading.Thread(target=write_until_cut, args=(home, acknowledged.append, enough))
    writer.start()
    assert enough.wait(30)
    server.kill()
    writer.join()

    server.ensure()

    rows = {number for (number,) in query(home, "SELECT number FROM written")}
    assert set(acknowledged) <= rows


def write_until_cut(home: Path, note: Callable[[int], None], enough: threading.Event) -> None:
    with closing(psycopg2.connect(paths.database_url(home))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for number in range(1_000_000):
                try:
                    cursor.execute("INSERT INTO written VALUES (%s)", [number])
                except psycopg2.OperationalError:
                    return
                note(number)
                if number == 20:
                    enough.set()


def test_stranger_with_the_process_id_of_a_dead_server_is_let_be(
    home: Path, server: Running
) -> None:
    server.kill()
    state = paths.postgres_data(home) / "postmaster.pid"
    owner = state.stat()
    stranger = subprocess.Popen(["sleep", "60"], user=owner.st_uid)
    try:
        for file in (state, paths.sockets(home) / ".s.PGSQL.5432.lock"):
            _, *rest = file.read_text().splitlines(keepends=True)
            file.write_text("".join([f"{stranger.pid}\n", *rest]))

        server.ensure()

        assert query(home, "SELECT 1") == [(1,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_half_made_cluster_is_made_again(home: Path) -> None:
    unfinished = home / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")

    postgres.program(home)

    assert not unfinished.exists()
    assert (paths.postgres_data(home) / "global" / "pg_control").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that PostgreSQL can't reach")
def test_runs_in_a_folder_that_only_root_can_enter(home: Path) -> None:
    home.chmod(0o700)

    program = postgres.program(home)

    assert program.identity.in_namespace
    with running(program, lambda: postgres.is_ready(home)):
        postgres.create_database(home)
