"""Concepts, versions, drafts, jobs and answers as the API shows them."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import BaseModel

from webapp.api.schemas.images import ErrorOut, RefusedOut
from webapp.models import Concept, Draft, Job, Version, VersionEvent
from webapp.models.learning import thresholds_in_use
from webapp.selectors.summary import ConceptSummary

MAX_WAIT_SECONDS = 60


class ConceptOut(BaseModel):
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
            **ConceptOut.of(summary.concept).model_dump(),
            positives=summary.positives,
            negatives=summary.negatives,
            matches=summary.matches,
            threshold=summary.threshold,
        )


class TaughtOut(BaseModel):
    id: int
    name: str
    threshold: float = Field(description="That counts: as chosen, or else as fitted.")
    fitted_threshold: float

    @classmethod
    def of(cls, version: Version) -> "list[TaughtOut]":
        in_use = thresholds_in_use(version.concepts, version.thresholds)
        return [
            cls(
                id=concept["id"],
                name=concept["name"],
                threshold=threshold,
                fitted_threshold=concept["threshold"],
            )
            for concept, threshold in zip(version.concepts, in_use, strict=True)
        ]


class VersionOut(BaseModel):
    number: int
    name: str
    note: str
    state: str = Field(description="`succeeded`: a version is there only when it is whole.")
    stage: str
    concepts: list[TaughtOut]
    evaluation: dict[str, Any]
    fingerprint: str
    refinement: dict[str, Any] = Field(description="Empty unless the network was tuned.")
    seconds: float
    created_at: datetime
    created_by: str | None

    @classmethod
    def of(cls, version: Version) -> "VersionOut":
        return cls(
            number=version.number,
            name=version.name,
            note=version.note,
            state=Job.State.SUCCEEDED,
            stage=version.stage,
            concepts=TaughtOut.of(version),
            evaluation=version.evaluation,
            fingerprint=version.fingerprint,
            refinement=version.refinement,
            seconds=round(version.seconds, 4),
            created_at=version.created_at,
            created_by=version.created_by.email if version.created_by else None,
        )


class VersionEventOut(BaseModel):
    number: int
    kind: str
    details: dict[str, Any]
    by: str | None
    at: datetime

    @classmethod
    def of(cls, event: VersionEvent) -> "VersionEventOut":
        return cls(
            number=event.number,
            kind=event.kind,
            details=event.details,
            by=event.by.email if event.by else None,
            at=event.at,
        )


class DraftOut(BaseModel):
    concepts: list[dict[str, Any]]
    evaluation: dict[str, Any]
    closer_look: bool = Field(
        description="Nothing was marked since the version: it learned with more views of the same."
    )
    seconds: float
    created_at: datetime

    @classmethod
    def of(cls, draft: Draft, version: Version | None) -> "DraftOut":
        return cls(
            concepts=[dict(concept) for concept in draft.concepts],
            evaluation=draft.evaluation,
            closer_look=version is not None and version.labels_revision >= draft.labels_revision,
            seconds=round(draft.seconds, 4),
            created_at=draft.created_at,
        )


class Patience(Schema):
    """How long a request may wait for the work that it wants."""

    wait: Annotated[float, Field(ge=0, description="Seconds; more than 60 count as 60.")] = 0

    @property
    def seconds(self) -> float:
        return min(self.wait, MAX_WAIT_SECONDS)


class JobOut(BaseModel):
    id: int
    kind: str
    state: str
    done: int
    total: int
    attempts: int
    error: ErrorOut | None
    result: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
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
            started_at=job.started_at,
            finished_at=job.finished_at,
        )


class AnswerOut(BaseModel):
    version: int | None = Field(description="null: the general model answered.")
    stage: str | None
    results: list[dict[str, Any]]
    errors: list[RefusedOut]
