"""Projects."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import BaseModel

from webapp.api.auth import user_of
from webapp.api.schemas.projects import ProjectOut, SummaryOut
from webapp.rights import Right, needs
from webapp.selectors import projects as selectors
from webapp.selectors import quotas
from webapp.selectors import summary as summaries
from webapp.services import projects as services

router = Router(tags=["projects"])


class ProjectIn(Schema):
    name: str
    exclusive: bool = Field(False, description="Exactly one concept is true of each picture.")


class ProjectChange(Schema):
    name: str | None = None
    exclusive: bool | None = None


class ProjectsOut(BaseModel):
    items: list[ProjectOut]


@router.post("", response={201: ProjectOut})
@needs(Right.MANAGE)
def create(request: HttpRequest, body: ProjectIn) -> Status[Any]:
    project = services.create(user=user_of(request), name=body.name, exclusive=body.exclusive)
    return Status(201, ProjectOut.of(project))


@router.get("", response=ProjectsOut)
def list_projects(request: HttpRequest) -> ProjectsOut:
    projects = selectors.for_user(user_of(request))
    return ProjectsOut(items=[ProjectOut.of(project) for project in projects])


@router.get("/{int:project_id}", response=ProjectOut)
def get(request: HttpRequest, project_id: int) -> ProjectOut:
    return ProjectOut.of(selectors.get_counted(user_of(request), project_id))


@router.get("/{int:project_id}/summary", response=SummaryOut)
def summary(request: HttpRequest, project_id: int) -> SummaryOut:
    """Return counts, concepts, version and work under way in one answer."""
    user = user_of(request)
    project = selectors.get(user, project_id)
    found = quotas.quotas(user=user, project=project)
    return SummaryOut.of(summaries.summary(project), found)


@router.patch("/{int:project_id}", response=ProjectOut)
@needs(Right.MANAGE)
def update(request: HttpRequest, project_id: int, body: ProjectChange) -> ProjectOut:
    project = selectors.get_counted(user_of(request), project_id)
    return ProjectOut.of(services.update(project=project, name=body.name, exclusive=body.exclusive))


@router.delete("/{int:project_id}", response={204: None})
@needs(Right.MANAGE)
def delete(request: HttpRequest, project_id: int) -> Status[Any]:
    user = user_of(request)
    services.erase(project=selectors.get(user, project_id), user=user)
    return Status(204, None)
