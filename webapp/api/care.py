"""Care for the examples: what hurts, what looks alike, what to label next."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import BaseModel

from webapp.api.auth import user_of
from webapp.api.schemas.images import GalleryImageOut, ImageOut
from webapp.models import Finding
from webapp.rights import Right, needs
from webapp.selectors import caring as selectors
from webapp.selectors import concepts, gallery, projects
from webapp.services import asking
from webapp.services import caring as services

router = Router(tags=["care"])

_SHOWN = 12


class FindingOut(BaseModel):
    id: int
    kind: Finding.Kind
    image: ImageOut | None
    other: ImageOut | None
    concept: str | None
    suggested: str | None
    score: float
    gain: float | None = Field(description="Measured rise of the accuracy on other examples.")

    @classmethod
    def of(cls, finding: Finding) -> "FindingOut":
        return cls(
            id=finding.pk,
            kind=Finding.Kind(finding.kind),
            image=ImageOut(**ImageOut.fields_of(finding.image)) if finding.image else None,
            other=ImageOut(**ImageOut.fields_of(finding.other)) if finding.other else None,
            concept=finding.concept.name if finding.concept else None,
            suggested=finding.suggested.name if finding.suggested else None,
            score=round(finding.score, 4),
            gain=None if finding.gain is None else round(finding.gain, 6),
        )


class FindingsOut(BaseModel):
    items: list[FindingOut]


class ClusterOut(BaseModel):
    size: int
    ids: list[int]
    images: list[GalleryImageOut] = Field(description="The most typical ones.")


class ClustersOut(BaseModel):
    items: list[ClusterOut]


class ClusterQuery(Schema):
    count: Annotated[int, Field(ge=1, le=200)] = 60
    limit: Annotated[int, Field(ge=1, le=200)] = 20


class TeachQuery(Schema):
    concept: str | None = None
    count: Annotated[int, Field(ge=1, le=100)] = 10


class TeachOut(BaseModel):
    items: list[GalleryImageOut]


@router.get("/{int:project_id}/care", response=FindingsOut)
def list_findings(request: HttpRequest, project_id: int) -> FindingsOut:
    """Return which examples hurt, worst first."""
    project = projects.get(user_of(request), project_id)
    return FindingsOut(items=[FindingOut.of(one) for one in selectors.findings(project)])


@router.post("/{int:project_id}/care/{int:finding_id}/mend", response={204: None})
@needs(Right.LABEL)
def mend(request: HttpRequest, project_id: int, finding_id: int) -> Status[Any]:
    """Do what a finding suggests."""
    user = user_of(request)
    services.mend(finding=selectors.get(projects.get(user, project_id), finding_id), user=user)
    return Status(204, None)


@router.post("/{int:project_id}/care/{int:finding_id}/dismiss", response={204: None})
@needs(Right.LABEL)
def dismiss(request: HttpRequest, project_id: int, finding_id: int) -> Status[Any]:
    """Keep it as it is, and don't bring it up again."""
    project = projects.get(user_of(request), project_id)
    services.dismiss(finding=selectors.get(project, finding_id))
    return Status(204, None)


@router.get("/{int:project_id}/clusters", response=ClustersOut)
def clusters(
    request: HttpRequest, project_id: int, query: Annotated[ClusterQuery, Query()]
) -> ClustersOut:
    """Return unlabelled pictures that look alike, large clusters first, to be named at once."""
    project = projects.get(user_of(request), project_id)
    found = asking.ask("webapp.tasks.serve.clusters", project_id=project.pk, count=query.count)[
        : query.limit
    ]
    shown = gallery.images(project, [i for ids in found for i in ids[:_SHOWN]])
    by_id = {image.pk: image for image in shown}
    return ClustersOut(
        items=[
            ClusterOut(
                size=len(ids),
                ids=ids,
                images=[GalleryImageOut.of(by_id[i]) for i in ids[:_SHOWN] if i in by_id],
            )
            for ids in found
        ]
    )


@router.get("/{int:project_id}/teach-most", response=TeachOut)
def teach_most(
    request: HttpRequest, project_id: int, query: Annotated[TeachQuery, Query()]
) -> TeachOut:
    """Return the unlabelled pictures whose labels would teach most, no two alike."""
    project = projects.get(user_of(request), project_id)
    if query.concept:
        concepts.find(project, query.concept)
    ids = asking.ask("webapp.tasks.serve.teach_most", project_id=project.pk, **query.dict())
    return TeachOut(items=[GalleryImageOut.of(image) for image in gallery.images(project, ids)])
