"""Labels."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from webapp.api.auth import user_of
from webapp.api.schemas.learning import ConceptOut
from webapp.selectors import projects
from webapp.services import labels as services

router = Router(tags=["labels"])

MAX_LABELS = 50_000


class LabelIn(Schema):
    image: Annotated[int, Field(ge=0, lt=2**63)]
    concept: str
    value: Literal["positive", "negative"] | None


class LabelsIn(Schema):
    labels: Annotated[list[LabelIn], Field(max_length=MAX_LABELS)]


class LabelsOut(Schema):
    updated: int
    concepts: list[ConceptOut]


@router.post("/{int:project_id}/labels", response=LabelsOut)
def set_labels(request: HttpRequest, project_id: int, body: LabelsIn) -> LabelsOut:
    """Set labels or, with null, take them back: all of them or, if one is wrong, none."""
    user = user_of(request)
    concepts = services.set_labels(
        project=projects.get(user, project_id),
        user=user,
        changes=[
            services.Change(
                image_id=label.image,
                concept=label.concept,
                is_positive=None if label.value is None else label.value == "positive",
            )
            for label in body.labels
        ],
    )
    return LabelsOut(
        updated=len(body.labels), concepts=[ConceptOut.of(concept) for concept in concepts]
    )
