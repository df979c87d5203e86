"""Live events of a project. The one asynchronous view: see `webapp.asgi`."""

from functools import partial

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from webapp.api import errors, limits
from webapp.api.auth import user_of_plain_request, user_of_plain_request_now
from webapp.api.streams import hub
from webapp.errors import PupilError
from webapp.selectors import projects


@require_GET
async def project_events(
    request: HttpRequest, project_id: int
) -> StreamingHttpResponse | HttpResponse:
    """Stream what happens in a project as server-sent events."""
    try:
        await sync_to_async(_check)(request, project_id)
    except PupilError as error:
        return errors.response(error)
    return StreamingHttpResponse(
        hub().listen(
            project_id, is_allowed=partial(sync_to_async(_may_still), request, project_id)
        ),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _check(request: HttpRequest, project_id: int) -> None:
    try:
        user = user_of_plain_request(request)
        limits.count(request, user)
        projects.get(user, project_id)
    finally:
        # A stream lasts for hours; the database must not hold a connection for it.
        connection.close()


def _may_still(request: HttpRequest, project_id: int) -> bool:
    try:
        projects.get(user_of_plain_request_now(request), project_id)
    except PupilError:
        return False
    except DatabaseError:
        return True  # as pages do, streams wait for a database that is away
    finally:
        connection.close()
    return True
