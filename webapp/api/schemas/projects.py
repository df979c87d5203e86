"""Projects as the API shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from ninja import Field
from pydantic import BaseModel

from webapp.api.schemas.learning import ConceptSummaryOut, DraftOut, JobOut, VersionOut
from webapp.models import Project
from webapp.selectors.quotas import Quota
from webapp.selectors.summary import Summary


class ProjectOut(BaseModel):
    id: int
    name: str
    exclusive: bool
    image_count: int = 0
    concept_count: int = 0
    created_at: datetime

    @classmethod
    def of(cls, project: Project, **counts: int) -> "ProjectOut":
        """Read a project; its counts come along, given or annotated."""
        return cls(
            id=project.pk,
            name=project.name,
            exclusive=project.exclusive,
            image_count=counts.get("image_count", getattr(project, "image_count", 0)),
            concept_count=counts.get("concept_count", getattr(project, "concept_count", 0)),
            created_at=project.created_at,
        )


class CountsOut(BaseModel):
    total: int
    ready: int
    pending: int
    failed: int


class QuotaOut(BaseModel):
    scope: Literal["installation", "person", "project"]
    pictures: int
    max_pictures: int = Field(description="0: no limit.")
    bytes: int
    max_bytes: int = Field(description="0: no limit.")
    words: str


class SummaryOut(BaseModel):
    project: ProjectOut
    counts: CountsOut
    concepts: list[ConceptSummaryOut]
    version: VersionOut | None
    draft: DraftOut | None
    jobs: list[JobOut]
    labels_changed_since_version: int
    quotas: list[QuotaOut] = Field(description="Limits that are set, and what is kept of them.")

    @classmethod
    def of(cls, summary: Summary, quotas: Iterable[Quota]) -> "SummaryOut":
        return cls(
            project=ProjectOut.of(
                summary.project,
                image_count=summary.counts.total,
                concept_count=len(summary.concepts),
            ),
            counts=CountsOut(**vars(summary.counts)),
            concepts=[ConceptSummaryOut.from_summary(concept) for concept in summary.concepts],
            version=VersionOut.of(summary.version) if summary.version else None,
            draft=DraftOut.of(summary.draft, summary.version) if summary.draft else None,
            jobs=[JobOut.of(job) for job in summary.jobs],
            labels_changed_since_version=summary.labels_changed_since_version,
            quotas=[QuotaOut(**vars(quota), words=quota.words) for quota in quotas],
        )
