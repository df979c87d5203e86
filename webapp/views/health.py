"""Can the process do its work? That it is there says `webapp.asgi`."""

from collections.abc import Callable

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from webapp import events
from webapp.selectors import tables


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers and the tables are this code's, else 503.

    A queue that is away is told, no more: requests go on without it, and what waits is in rows.
    """
    missing = [name for name, answers in _CHECKS.items() if not answers()]
    is_ready = set(missing) <= _CAN_DO_WITHOUT
    return JsonResponse(
        {"status": "ok" if is_ready else "not ready", "missing": missing},
        status=200 if is_ready else 503,
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


_CAN_DO_WITHOUT = {"queue"}
_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": tables.are_migrated,
    "queue": _queue_answers,
}
