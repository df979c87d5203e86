"""Who may write a project's predictions.

Teaching replaces all of them (exclusive); indexing adds a few, deleting removes a few (shared).
Without this, a picture indexed while a version is being made would keep the older one's word.
"""

from django.db import connection

_PREDICTIONS = 1  # advisory locks have two 32-bit keys; this one tells what the other is of


def hold_predictions(project_id: int, *, is_shared: bool) -> None:
    """Wait for the lock and hold it until the surrounding transaction ends."""
    function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_PREDICTIONS, project_id])
