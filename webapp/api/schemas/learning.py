"""Concepts, versions, drafts, jobs and answers as the API shows them."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from webapp.api.schemas.images import ErrorOut, RefusedOut
from webapp.models import Concept, Draft, Job, Version
from webapp.selectors.summary import ConceptSummary


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


class AnswerOut(Schema):
    version: int
    results: list[dict[str, Any]]
    errors: list[RefusedOut]
