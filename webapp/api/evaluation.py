"""How good a version is, and what it learned from."""

from typing import Annotated

from django.http import HttpRequest
from django.views.decorators.gzip import gzip_page
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from webapp.api.auth import user_of
from webapp.api.schemas.evaluation import CloselyOut, LearnedOut, OverviewOut
from webapp.models import Version
from webapp.selectors import evaluation, projects, versions

router = Router(tags=["versions"])


class By(Schema):
    source: evaluation.Source = evaluation.Source.LEFT_OUT


class ByConcept(By):
    concept: str = ""


class LabelsOut(Schema):
    items: list[LearnedOut]


@router.get("/{int:project_id}/versions/{int:number}/evaluation", response=OverviewOut)
@decorate_view(gzip_page)
def overview(
    request: HttpRequest, project_id: int, number: int, by: Annotated[By, Query()]
) -> OverviewOut:
    """Return the figures of all concepts at their thresholds, and the confusion matrix."""
    return OverviewOut.of(evaluation.overview(_version(request, project_id, number), by.source))


@router.get("/{int:project_id}/versions/{int:number}/predictions", response=CloselyOut)
@decorate_view(gzip_page)
def closely(
    request: HttpRequest, project_id: int, number: int, by: Annotated[ByConcept, Query()]
) -> CloselyOut:
    """Return what was predicted of each labelled picture, itself unseen, for one concept."""
    version = _version(request, project_id, number)
    return CloselyOut.of(evaluation.closely(version, by.source, by.concept))


@router.get("/{int:project_id}/versions/{int:number}/labels", response=LabelsOut)
@decorate_view(gzip_page)
def labels(request: HttpRequest, project_id: int, number: int) -> LabelsOut:
    """Return the exact labels that a version learned from."""
    found = evaluation.labels(_version(request, project_id, number))
    return LabelsOut(items=[LearnedOut.of(label) for label in found])


def _version(request: HttpRequest, project_id: int, number: int) -> Version:
    return versions.get(projects.get(user_of(request), project_id), number)
