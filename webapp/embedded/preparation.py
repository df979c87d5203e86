"""What has to be in order before anything serves: folders, tables, static files."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from webapp.embedded import paths
from webapp.embedded.errors import UpError

# Sources that the front end is built from lie beside what is built.
NOT_STATIC = ["src", "*.mjs"]
_QUIETLY: dict[str, Any] = {
    "interactive": False,
    "verbosity": 0,
    "clear": True,
    "skip_checks": True,
}
_PRIVATE_FOLDERS = ("cache", "logs", "storage")


def make_folders(home: Path) -> None:
    """Make a home's folders, once it is ours alone."""
    for name in _PRIVATE_FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)
    # Nothing else runs on this home, so whatever is half-written has no writer any more.
    shutil.rmtree(paths.unfinished_files(home / "storage"), ignore_errors=True)


def migrate() -> None:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    except DatabaseError as error:
        raise UpError(f"The database can't be used: {_first_line(error)}") from error
    finally:
        connection.close()


def collect_static() -> None:
    """Gather and compress the static files, where any of them changed since last time."""
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    sources = _fingerprint_of_static_sources()
    if stamp.exists() and stamp.read_text() == sources:
        return
    stamp.unlink(missing_ok=True)
    try:
        call_command("collectstatic", ignore_patterns=NOT_STATIC, **_QUIETLY)
    except ValueError as error:  # a stylesheet names a file that is not there
        raise UpError(f"Static files can't be served: {_first_line(error)}") from error
    stamp.write_text(sources)


def _fingerprint_of_static_sources() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~", *NOT_STATIC]):
            changed = storage.get_modified_time(path).timestamp()
            digest.update(f"{path}\n{changed}\n{storage.size(path)}\n".encode())
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
