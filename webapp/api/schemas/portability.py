"""What is brought along and taken away, as the API shows it."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from ninja import Field
from pydantic import BaseModel

from webapp.api.schemas.learning import JobOut
from webapp.models import Export, Import, Job, Version


class ImportOut(BaseModel):
    id: int
    filename: str
    format: str
    report: dict[str, Any] | None = Field(description="null until it is looked through.")
    project: int | None = Field(description="Where it goes; null until it is started.")
    job: JobOut | None = Field(description="The look through it, then taking it in.")
    created_at: datetime

    @classmethod
    def of(cls, received: Import) -> "ImportOut":
        return cls(
            id=received.pk,
            filename=received.filename,
            format=received.format,
            report=received.report or None,
            project=received.project_id,
            job=JobOut.of(received.job) if received.job else None,
            created_at=received.created_at,
        )


class ExportOut(BaseModel):
    """A version's file where it is there, and the work on it where there is some."""

    url: str | None
    byte_size: int | None
    parity: dict[str, Any] | None
    runner: str
    job: JobOut | None

    @classmethod
    def of(
        cls, version: Version, export: Export | None, job: Job | None, runner: str
    ) -> "ExportOut":
        where = [version.project_id, version.number]
        return cls(
            url=reverse("api:onnx", args=where) if export else None,
            byte_size=export.byte_size if export else None,
            parity=export.parity if export else None,
            runner=runner,
            job=JobOut.of(job) if job else None,
        )
