"""Locks that rows can't give, held until the surrounding transaction ends, or the session."""

from django.db import connection

# Advisory locks have two 32-bit keys; these tell what the other is of.
_PREDICTIONS, _GROUPS = 1, 2
_QUOTAS = {"installation": 3, "person": 4, "project": 5}
_INDEXES = 6


def hold_predictions(project_id: int, *, is_shared: bool) -> None:
    """Wait for the right to write a project's predictions.

    Teaching replaces all of them (exclusive); indexing adds a few, deleting removes a few (shared).
    Without this, a picture indexed while a version is made would keep the older one's word.
    """
    function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_PREDICTIONS, project_id])


def hold_concepts(project_id: int) -> None:
    """Keep a project's concepts from being deleted: predictions will refer to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM webapp_concept WHERE project_id = %s ORDER BY id FOR KEY SHARE",
            [project_id],
        )


def hold_groups(project_id: int) -> None:
    """Wait for the right to group a project's near-duplicates."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_GROUPS, project_id])


def hold_quota(scope: str, owner_id: int) -> None:
    """Wait for the right to count what is kept under a limit and add to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_QUOTAS[scope], owner_id])


def hold_file(project_id: int, sha256: str) -> None:
    """Wait for the right to store or remove one picture's file, in step with its row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [sha256, project_id]
        )


def hold_indexes() -> bool:
    """Take the right to make and drop indexes until the session ends; say whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [_INDEXES])
        is_ours: bool = cursor.fetchone()[0]
    return is_ours
