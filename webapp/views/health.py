"""Is the process there (`healthz`), and can it do its work (`readyz`)?"""

from collections.abc import Callable
from functools import cache

import redis
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from webapp import events


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and queue answer and the tables are this code's, else 503."""
    missing = [name for name, answers in _CHECKS.items() if not answers()]
    return JsonResponse(
        {"status": "not ready" if missing else "ok", "missing": missing},
        status=503 if missing else 200,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM webapp_project LIMIT 1")
    except DatabaseError:
        return False
    return True


def _queue_answers() -> bool:
    try:
        return bool(events.client().ping())
    except redis.RedisError:
        return False


@cache
def _newest_migrations() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)


def _is_migrated() -> bool:
    """Say whether the database knows all that this code needs; after that it stays so."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return False
    return applied >= _newest_migrations()


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _is_migrated,
    "queue": _queue_answers,
}
