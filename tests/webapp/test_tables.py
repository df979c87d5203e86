"""A worker of newer code than the tables waits for them: its jobs would fail for good."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.servers import Running, log_of, on_test_database
from webapp.embedded import parts
from webapp.embedded.programs import wait_until


@pytest.fixture
def newest_migration(transactional_db: None) -> Iterator[tuple[str, str]]:
    """What an update brings; applied again in any case, for the tests that follow."""
    recorder = MigrationRecorder(connection)
    newest = max(key for key in recorder.applied_migrations() if key[0] == "webapp")
    yield newest
    if newest not in recorder.applied_migrations():
        recorder.record_applied(*newest)


@pytest.mark.usefixtures("_held_still_at_the_end")
def test_a_worker_begins_once_the_database_is_migrated(newest_migration: tuple[str, str]) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(*newest_migration)
    program = on_test_database(parts.worker("early", ["housekeeping"]))
    log = log_of(program)

    def is_ready() -> bool:
        return " ready.\n" in log.read_text()

    early = Running(program, lambda: is_ready() or "to be migrated" in log.read_text())
    try:
        early.ensure()
        assert not is_ready()
        recorder.record_applied(*newest_migration)
        assert wait_until(is_ready, timeout_seconds=60)
    finally:
        early.stop()
