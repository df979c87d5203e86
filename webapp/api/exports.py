"""Take it away: a version as an ONNX file, a project as a zip."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router, Status

from webapp.api.auth import user_of
from webapp.api.schemas.portability import ExportOut
from webapp.errors import NotFound
from webapp.learning import exports as learning_exports
from webapp.models import Job, Version
from webapp.rights import Right, needs
from webapp.selectors import projects, versions
from webapp.services import archiving, audit
from webapp.services import exporting as services

router = Router(tags=["exports"])


@router.get("/{int:project_id}/archive", response={200: None}, url_name="archive")
def archive(request: HttpRequest, project_id: int) -> HttpResponseBase:
    """Send the whole project as one zip, written while it is sent."""
    user = user_of(request)
    project = projects.get(user, project_id)
    audit.note("project.taken_away", actor=user, project=project, name=project.name)
    disposition = content_disposition_header(True, archiving.filename(project))
    return StreamingHttpResponse(
        archiving.write(project),
        content_type="application/zip",
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


@router.post("/{int:project_id}/versions/{int:number}/export", response={202: ExportOut})
@needs(Right.TRAIN)
def start(request: HttpRequest, project_id: int, number: int) -> Status[Any]:
    """Want the version as an ONNX file; it is there once it answers as Pupil does."""
    user = user_of(request)
    version = versions.get(projects.get(user, project_id), number)
    services.start(version=version, user=user)
    return Status(202, _out(version))


@router.get("/{int:project_id}/versions/{int:number}/export", response=ExportOut)
def get(request: HttpRequest, project_id: int, number: int) -> ExportOut:
    return _out(versions.get(projects.get(user_of(request), project_id), number))


@router.get(
    "/{int:project_id}/versions/{int:number}/export.onnx", response={200: None}, url_name="onnx"
)
def download(request: HttpRequest, project_id: int, number: int) -> HttpResponseBase:
    version = versions.get(projects.get(user_of(request), project_id), number)
    try:
        file = default_storage.open(services.get(version).file)
    except FileNotFoundError as error:
        raise NotFound(
            "This version's file is lost. Export it again.", code="export_not_found"
        ) from error
    return FileResponse(
        file,
        as_attachment=True,
        filename=services.filename(version),
        content_type="application/octet-stream",
    )


def _out(version: Version) -> ExportOut:
    job = Job.objects.filter(kind=Job.Kind.EXPORT, subject_id=version.pk).order_by("-id").first()
    return ExportOut.of(version, services.current(version), job, learning_exports.runner())
