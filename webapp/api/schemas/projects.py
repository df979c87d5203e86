"""Projects as the API shows them."""

from datetime import datetime

from ninja import Schema

from webapp.api.schemas.learning import ConceptSummaryOut, DraftOut, JobOut, VersionOut
from webapp.models import Project
from webapp.selectors.summary import Summary


class ProjectOut(Schema):
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


class CountsOut(Schema):
    total: int
    ready: int
    pending: int
    failed: int


class SummaryOut(Schema):
    project: ProjectOut
    counts: CountsOut
    concepts: list[ConceptSummaryOut]
    version: VersionOut | None
    draft: DraftOut | None
    jobs: list[JobOut]
    labels_changed_since_version: int

    @classmethod
    def of(cls, summary: Summary) -> "SummaryOut":
        return cls(
            project=ProjectOut.of(
                summary.project,
                image_count=summary.counts.total,
                concept_count=len(summary.concepts),
            ),
            counts=CountsOut(**vars(summary.counts)),
            concepts=[ConceptSummaryOut.from_summary(concept) for concept in summary.concepts],
            version=VersionOut.of(summary.version) if summary.version else None,
            draft=DraftOut.of(summary.draft) if summary.draft else None,
            jobs=[JobOut.of(job) for job in summary.jobs],
            labels_changed_since_version=summary.labels_changed_since_version,
        )
