"""Training and its versions."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import BaseModel

from webapp.api.auth import user_of
from webapp.api.schemas.learning import JobOut, Patience, VersionEventOut, VersionOut
from webapp.errors import Conflict
from webapp.models import Job, Version
from webapp.rights import Right, needs
from webapp.selectors import projects
from webapp.selectors import versions as selectors
from webapp.services import jobs, refining, teaching
from webapp.services import versions as services

router = Router(tags=["versions"])


class VersionsOut(BaseModel):
    items: list[VersionOut]


class HistoryOut(BaseModel):
    versions: list[VersionOut]
    events: list[VersionEventOut]
    rollback: int | None = Field(description="The version that was live before this one.")


class StartedOut(BaseModel):
    job: JobOut


class VersionChange(Schema):
    name: str | None = None
    note: str | None = None
    stage: Literal["draft", "preview", "live"] | None = None


class ThresholdIn(Schema):
    concept: str
    threshold: Annotated[float | None, Field(gt=0, lt=1, description="null: as fitted.")]


@router.post("/{int:project_id}/train", response={200: VersionOut, 202: StartedOut})
@needs(Right.TRAIN)
def train(
    request: HttpRequest, project_id: int, patience: Annotated[Patience, Query()]
) -> Status[Any]:
    """Make a version from the labels; answer with it when it is there in time."""
    user = user_of(request)
    project = projects.get(user, project_id)
    job = teaching.start(project=project, user=user)
    if patience.wait:
        job = jobs.wait(job, timeout_seconds=patience.seconds)
    if job.state == Job.State.FAILED:
        raise Conflict(job.error_message, code=job.error_code)
    if job.state == Job.State.SUCCEEDED:
        return Status(200, VersionOut.of(selectors.get(project, job.result["version"])))
    return Status(202, StartedOut(job=JobOut.of(job)))


@router.post("/{int:project_id}/refine", response={202: StartedOut})
@needs(Right.TRAIN)
def refine(request: HttpRequest, project_id: int) -> Status[Any]:
    """Tune the network itself, in the background; what is better becomes a version beside."""
    user = user_of(request)
    job = refining.start(project=projects.get(user, project_id), user=user)
    return Status(202, StartedOut(job=JobOut.of(job)))


@router.delete("/{int:project_id}/refine", response=StartedOut)
@needs(Right.TRAIN)
def stop_refining(request: HttpRequest, project_id: int) -> StartedOut:
    """End refining that waits or runs; nothing comes of it."""
    job = refining.cancel(project=projects.get(user_of(request), project_id))
    return StartedOut(job=JobOut.of(job))


@router.get("/{int:project_id}/versions", response=VersionsOut)
def list_versions(request: HttpRequest, project_id: int) -> VersionsOut:
    project = projects.get(user_of(request), project_id)
    return VersionsOut(items=[VersionOut.of(version) for version in selectors.of(project)])


@router.get("/{int:project_id}/versions/history", response=HistoryOut)
def history(request: HttpRequest, project_id: int) -> HistoryOut:
    """Return the versions with their main figures, and who did what with them, newest first."""
    found = selectors.history(projects.get(user_of(request), project_id))
    return HistoryOut(
        versions=[VersionOut.of(version) for version in found.versions],
        events=[VersionEventOut.of(event) for event in found.events],
        rollback=found.rollback,
    )


@router.get("/{int:project_id}/versions/{int:number}", response=VersionOut)
def get(request: HttpRequest, project_id: int, number: int) -> VersionOut:
    return VersionOut.of(_get(request, project_id, number))


@router.patch("/{int:project_id}/versions/{int:number}", response=VersionOut)
@needs(Right.TRAIN)
def change(request: HttpRequest, project_id: int, number: int, body: VersionChange) -> VersionOut:
    """Name a version, note something about it, or move it to another stage.

    Moving one to `live` publishes it: whichever was live is a draft from then on.
    """
    version = services.change(
        version=_get(request, project_id, number),
        user=user_of(request),
        name=body.name,
        note=body.note,
        stage=None if body.stage is None else Version.Stage(body.stage),
    )
    return VersionOut.of(version)


@router.delete("/{int:project_id}/versions/{int:number}", response={204: None})
@needs(Right.TRAIN)
def delete(request: HttpRequest, project_id: int, number: int) -> Status[Any]:
    """Delete a version; never the live one."""
    services.delete(version=_get(request, project_id, number), user=user_of(request))
    return Status(204, None)


@router.put("/{int:project_id}/versions/{int:number}/threshold", response=VersionOut)
@needs(Right.TRAIN)
def set_threshold(
    request: HttpRequest, project_id: int, number: int, body: ThresholdIn
) -> VersionOut:
    """Choose from which probability a concept counts as present."""
    version = services.set_threshold(
        version=_get(request, project_id, number),
        user=user_of(request),
        concept=body.concept,
        threshold=body.threshold,
    )
    return VersionOut.of(version)


def _get(request: HttpRequest, project_id: int, number: int) -> Version:
    return selectors.get(projects.get(user_of(request), project_id), number)
