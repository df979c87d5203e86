"""Are the tables those that this code needs?"""

from functools import cache

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def are_migrated() -> bool:
    """Say whether the database answers and knows all migrations of this code."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except Error:
        return False
    return applied >= _newest()


@cache
def _newest() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)
