"""Concepts."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import BaseModel

from webapp.api.auth import user_of
from webapp.api.schemas.learning import ConceptOut, ConceptSummaryOut
from webapp.errors import NotFound
from webapp.models import Concept, User
from webapp.selectors import projects
from webapp.selectors import summary as summaries
from webapp.services import concepts as services

router = Router(tags=["concepts"])


class ConceptIn(Schema):
    name: str


class ConceptChange(Schema):
    name: str | None = None
    colour: Annotated[str | None, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = None


class ConceptsOut(BaseModel):
    items: list[ConceptSummaryOut]


@router.get("/{int:project_id}/concepts", response=ConceptsOut)
def list_concepts(request: HttpRequest, project_id: int) -> ConceptsOut:
    project = projects.get(user_of(request), project_id)
    concepts = summaries.summary(project).concepts
    return ConceptsOut(items=[ConceptSummaryOut.from_summary(concept) for concept in concepts])


@router.post("/{int:project_id}/concepts", response={201: ConceptOut})
def create(request: HttpRequest, project_id: int, body: ConceptIn) -> Status[Any]:
    project = projects.get(user_of(request), project_id)
    return Status(201, ConceptOut.of(services.create(project=project, name=body.name)))


@router.patch("/{int:project_id}/concepts/{int:concept_id}", response=ConceptOut)
def update(
    request: HttpRequest, project_id: int, concept_id: int, body: ConceptChange
) -> ConceptOut:
    concept = _get(user_of(request), project_id, concept_id)
    return ConceptOut.of(services.update(concept=concept, name=body.name, colour=body.colour))


@router.delete("/{int:project_id}/concepts/{int:concept_id}", response={204: None})
def delete(request: HttpRequest, project_id: int, concept_id: int) -> Status[Any]:
    user = user_of(request)
    services.delete(concept=_get(user, project_id, concept_id), user=user)
    return Status(204, None)


def _get(user: User, project_id: int, concept_id: int) -> Concept:
    project = projects.get(user, project_id)
    concept = Concept.objects.filter(project=project, pk=concept_id).first()
    if concept is None:
        raise NotFound("There is no such concept.", code="concept_not_found")
    return concept
