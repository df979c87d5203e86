"""What the API says, field by field."""

from datetime import datetime
from typing import Any, Literal, Self

from django.urls import reverse
from ninja import Field, Schema

from webapp.models import Concept, Draft, Image, Job, Project, Version
from webapp.selectors.summary import ConceptSummary, Summary
from webapp.services.images import Ingested, Refused


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


class LabelOut(Schema):
    concept: str
    value: Literal["positive", "negative"]


class PredictionOut(Schema):
    concept: str
    probability: float
    present: bool


class ErrorOut(Schema):
    code: str
    message: str

    @classmethod
    def of(cls, row: Image | Job) -> "ErrorOut | None":
        """Return what went wrong with it, if something did."""
        if not row.error_code:
            return None
        return cls(code=row.error_code, message=row.error_message)


class ImageOut(Schema):
    id: int
    filename: str
    status: str
    error: ErrorOut | None
    width: int
    height: int
    content_type: str
    byte_size: int
    created_at: datetime
    thumbnail_url: str | None
    image_url: str

    @staticmethod
    def fields_of(image: Image) -> dict[str, Any]:
        def media(rendition: str) -> str:
            return reverse("media", args=[image.project_id, image.sha256, rendition])

        return {
            "id": image.pk,
            "filename": image.filename,
            "status": image.status,
            "error": ErrorOut.of(image),
            "width": image.width,
            "height": image.height,
            "content_type": image.content_type,
            "byte_size": image.byte_size,
            "created_at": image.created_at,
            "thumbnail_url": media("thumbnail") if image.thumbnail else None,
            "image_url": media("display" if image.display else "original"),
        }


class UploadedOut(ImageOut):
    duplicate: bool

    @classmethod
    def of(cls, ingested: Ingested) -> "UploadedOut":
        return cls(**cls.fields_of(ingested.image), duplicate=ingested.is_duplicate)


class RefusedOut(Schema):
    filename: str
    code: str
    message: str

    @classmethod
    def of(cls, refused: Refused) -> "RefusedOut":
        return cls(filename=refused.filename, code=refused.code, message=refused.message)


class IngestOut(Schema):
    images: list[UploadedOut]
    errors: list[RefusedOut]


class GalleryImageOut(ImageOut):
    labels: list[LabelOut]
    predictions: list[PredictionOut]

    @classmethod
    def of(cls, image: Image, **more: Any) -> Self:
        """Read an image that came with its labels and predictions."""
        labels = sorted(image.labels.all(), key=lambda label: label.concept_id)
        predictions = sorted(image.predictions.all(), key=lambda said: -said.probability)
        return cls(
            **cls.fields_of(image),
            labels=[LabelOut(concept=label.concept.name, value=label.value) for label in labels],
            predictions=[
                PredictionOut(
                    concept=said.concept.name,
                    probability=round(said.probability, 6),
                    present=said.is_present,
                )
                for said in predictions
            ],
            **more,
        )


class SimilarOut(GalleryImageOut):
    similarity: float


class GalleryOut(Schema):
    items: list[GalleryImageOut]
    next_cursor: str | None
    total: int | None


class ConceptOut(Schema):
    id: int
    name: str
    colour: str

    @classmethod
    def of(cls, concept: Concept) -> "ConceptOut":
        return cls(id=concept.pk, name=concept.name, colour=concept.colour)


class ConceptSummaryOut(ConceptOut):
    positives: int
    negatives: int
    matches: int
    threshold: float | None

    @classmethod
    def from_summary(cls, summary: ConceptSummary) -> "ConceptSummaryOut":
        return cls(
            **ConceptOut.of(summary.concept).dict(),
            positives=summary.positives,
            negatives=summary.negatives,
            matches=summary.matches,
            threshold=summary.threshold,
        )


class VersionOut(Schema):
    number: int
    state: str = Field(description="`succeeded`: a version is there only when it is whole.")
    stage: str
    concepts: list[dict[str, Any]]
    evaluation: dict[str, Any]
    fingerprint: str
    seconds: float
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> "VersionOut":
        return cls(
            number=version.number,
            state=Job.State.SUCCEEDED,
            stage=version.stage,
            concepts=[dict(concept) for concept in version.concepts],
            evaluation=version.evaluation,
            fingerprint=version.fingerprint,
            seconds=round(version.seconds, 4),
            created_at=version.created_at,
        )


class DraftOut(Schema):
    concepts: list[dict[str, Any]]
    evaluation: dict[str, Any]
    seconds: float
    created_at: datetime

    @classmethod
    def of(cls, draft: Draft) -> "DraftOut":
        return cls(
            concepts=[dict(concept) for concept in draft.concepts],
            evaluation=draft.evaluation,
            seconds=round(draft.seconds, 4),
            created_at=draft.created_at,
        )


class JobOut(Schema):
    id: int
    kind: str
    state: str
    done: int
    total: int
    attempts: int
    error: ErrorOut | None
    result: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobOut":
        return cls(
            id=job.pk,
            kind=job.kind,
            state=job.state,
            done=job.done,
            total=job.total,
            attempts=job.attempts,
            error=ErrorOut.of(job),
            result=job.result,
            created_at=job.created_at,
            finished_at=job.finished_at,
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


class AnswerOut(Schema):
    version: int
    results: list[dict[str, Any]]
    errors: list[RefusedOut]
