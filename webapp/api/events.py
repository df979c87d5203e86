"""Live events of a project. The one asynchronous view: see `webapp.asgi`."""

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from webapp.api import errors
from webapp.api.auth import user_of_plain_request
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
        hub().listen(project_id),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _check(request: HttpRequest, project_id: int) -> None:
    try:
        projects.get(user_of_plain_request(request), project_id)
    finally:
        # A stream lasts for hours; the database must not hold a connection for it.
        connection.close()
