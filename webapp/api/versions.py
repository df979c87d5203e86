"""Training and its versions."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from webapp.api.auth import user_of
from webapp.api.schemas.learning import JobOut, VersionOut
from webapp.errors import Conflict, NotFound
from webapp.models import Job, Project, Version
from webapp.selectors import projects
from webapp.services import jobs, teaching

router = Router(tags=["versions"])

MAX_WAIT_SECONDS = 60


class VersionsOut(Schema):
    items: list[VersionOut]


class StartedOut(Schema):
    job: JobOut


class Patience(Schema):
    wait: Annotated[float, Field(ge=0, description="Seconds; more than 60 count as 60.")] = 0


@router.post("/{int:project_id}/train", response={200: VersionOut, 202: StartedOut})
def train(
    request: HttpRequest, project_id: int, patience: Annotated[Patience, Query()]
) -> Status[Any]:
    """Make a version from the labels; answer with it when it is there in time."""
    user = user_of(request)
    project = projects.get(user, project_id)
    job = teaching.start(project=project, user=user)
    if patience.wait:
        job = jobs.wait(job, timeout_seconds=min(patience.wait, MAX_WAIT_SECONDS))
    if job.state == Job.State.FAILED:
        raise Conflict(job.error_message, code=job.error_code)
    if job.state == Job.State.SUCCEEDED:
        return Status(200, VersionOut.of(_get(project, job.result["version"])))
    return Status(202, StartedOut(job=JobOut.of(job)))


@router.get("/{int:project_id}/versions", response=VersionsOut)
def list_versions(request: HttpRequest, project_id: int) -> VersionsOut:
    project = projects.get(user_of(request), project_id)
    versions = Version.objects.filter(project=project)
    return VersionsOut(items=[VersionOut.of(version) for version in versions])


@router.get("/{int:project_id}/versions/{int:number}", response=VersionOut)
def get(request: HttpRequest, project_id: int, number: int) -> VersionOut:
    return VersionOut.of(_get(projects.get(user_of(request), project_id), number))


def _get(project: Project, number: int) -> Version:
    version = Version.objects.filter(project=project, number=number).first()
    if version is None:
        raise NotFound("There is no such version.", code="version_not_found")
    return version
