"""Labels."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import BaseModel

from webapp.api.access import require
from webapp.api.auth import user_of
from webapp.api.filters import Chosen
from webapp.api.schemas.learning import ConceptOut
from webapp.models import Project
from webapp.rights import Right, needs
from webapp.selectors import listings, projects
from webapp.services import concepts as concept_services
from webapp.services import labels as services

router = Router(tags=["labels"])

MAX_LABELS = 50_000


class LabelIn(Schema):
    image: Annotated[int, Field(ge=0, lt=2**63)]
    concept: str
    value: Literal["positive", "negative"] | None


class LabelsIn(Schema):
    labels: Annotated[list[LabelIn], Field(max_length=MAX_LABELS)]


class LabelsOut(BaseModel):
    updated: int
    concepts: list[ConceptOut]


class ManyIn(Chosen):
    concept: str
    value: Literal["positive", "negative"] | None


class BeforeOut(BaseModel):
    """What was said until now of the pictures that are said something else of now."""

    positive: list[int]
    negative: list[int]
    none: list[int]


class ManyOut(BaseModel):
    updated: int
    before: BeforeOut


@router.post("/{int:project_id}/labels/many", response=ManyOut)
@needs(Right.LABEL)
def set_many(request: HttpRequest, project_id: int, body: ManyIn) -> ManyOut:
    """Say the same of many pictures: of these, or of all that a filter matches.

    A concept that is not there yet is made, where the caller may edit.
    """
    user = user_of(request)
    project = projects.get(user, project_id)
    _check_may_make(request, project, set() if body.value is None else {body.concept})
    before = services.set_many(
        project=project,
        user=user,
        images=listings.matching(project, body.to_query()),
        concept=body.concept,
        is_positive=_is_positive(body.value),
    )
    return ManyOut(
        updated=sum(map(len, before.values())),
        before=BeforeOut(positive=before[True], negative=before[False], none=before[None]),
    )


def _check_may_make(request: HttpRequest, project: Project, names: set[str]) -> None:
    """Refuse who may only mark the concepts that are not there yet.

    Raises:
        Forbidden: there is one.
    """
    if names - concept_services.find(project=project, names=names).keys():
        require(request, Right.EDIT, project_id=project.pk)


def _is_positive(value: str | None) -> bool | None:
    return None if value is None else value == "positive"


class SettledIn(Schema):
    concept: str
    value: Literal["positive", "negative"]


@router.post("/{int:project_id}/images/{int:image_id}/settle", response={204: None})
@needs(Right.MANAGE)
def settle(request: HttpRequest, project_id: int, image_id: int, body: SettledIn) -> Status[Any]:
    """Decide what counts where people disagree; it stands until somebody says otherwise."""
    user = user_of(request)
    services.settle(
        project=projects.get(user, project_id),
        user=user,
        image_id=image_id,
        concept=body.concept,
        is_positive=body.value == "positive",
    )
    return Status(204, None)


@router.post("/{int:project_id}/labels", response=LabelsOut)
@needs(Right.LABEL)
def set_labels(request: HttpRequest, project_id: int, body: LabelsIn) -> LabelsOut:
    """Set labels or, with null, take them back: all of them or, if one is wrong, none.

    Concepts that are not there yet are made, where the caller may edit.
    """
    user = user_of(request)
    project = projects.get(user, project_id)
    said = {label.concept for label in body.labels if label.value is not None}
    _check_may_make(request, project, said)
    concepts = services.set_labels(
        project=project,
        user=user,
        changes=[
            services.Change(
                image_id=label.image,
                concept=label.concept,
                is_positive=_is_positive(label.value),
            )
            for label in body.labels
        ],
    )
    return LabelsOut(
        updated=len(body.labels), concepts=[ConceptOut.of(concept) for concept in concepts]
    )
