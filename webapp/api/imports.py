"""Bring it along: send a data set, read what would happen, say yes."""

from typing import IO, Annotated, Any, cast

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import BaseModel

from webapp.api.access import require
from webapp.api.auth import user_of
from webapp.api.schemas.learning import JobOut, Patience
from webapp.api.schemas.portability import ImportOut
from webapp.rights import Right
from webapp.selectors import projects
from webapp.services import importing as services
from webapp.services import jobs

router = Router(tags=["imports"])


class ImportQuery(Patience):
    filename: str = "data.zip"
    project: int | None = Field(None, description="Compare it with what is in this project.")


class ImportsOut(BaseModel):
    items: list[ImportOut]


class StartIn(Schema):
    project: int | None = None
    name: str = ""


_ZIP_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("", response={201: ImportOut}, openapi_extra=_ZIP_BODY)
def receive(request: HttpRequest, query: Annotated[ImportQuery, Query()]) -> Status[Any]:
    """Take a zip as the request's body and look it through in the background.

    The answer's `report` says what taking it in would do, once its `job` has succeeded.
    """
    user = user_of(request)
    project = projects.get(user, query.project) if query.project else None
    if project is not None:
        require(request, Right.READ, project_id=project.pk)
    received = services.receive(
        user=user,
        filename=query.filename,
        stream=cast("IO[bytes]", request),
        project=project,
        byte_size=_length_of(request),
    )
    if query.wait and received.job:
        jobs.wait(received.job, timeout_seconds=query.seconds)
    return Status(201, ImportOut.of(services.find(user=user, import_id=received.pk)))


@router.get("", response=ImportsOut)
def list_unstarted(request: HttpRequest) -> ImportsOut:
    """Return what you sent within a day and did not have taken in yet."""
    waiting = services.unstarted(user=user_of(request))
    return ImportsOut(items=[ImportOut.of(received) for received in waiting])


@router.get("/{int:import_id}", response=ImportOut)
def get(request: HttpRequest, import_id: int) -> ImportOut:
    return ImportOut.of(services.find(user=user_of(request), import_id=import_id))


@router.post("/{int:import_id}/start", response={202: JobOut})
def start(request: HttpRequest, import_id: int, body: StartIn) -> Status[Any]:
    """Take it in: into a project, or into a new one of this name."""
    user = user_of(request)
    project = projects.get(user, body.project) if body.project else None
    right = Right.EDIT if project else Right.MANAGE
    require(request, right, project_id=body.project)
    job = services.start(
        received=services.find(user=user, import_id=import_id),
        user=user,
        project=project,
        name=body.name,
    )
    return Status(202, JobOut.of(job))


@router.delete("/{int:import_id}", response={204: None})
def forget(request: HttpRequest, import_id: int) -> Status[Any]:
    """Drop what was not taken in; the look through it ends."""
    services.forget(services.find(user=user_of(request), import_id=import_id))
    return Status(204, None)


def _length_of(request: HttpRequest) -> int | None:
    told = request.META.get("CONTENT_LENGTH") or ""
    return int(told) if told.isdecimal() else None
