"""How good a version is, and what it learned from."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.views.decorators.gzip import gzip_page
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import BaseModel

from webapp.api.auth import user_of
from webapp.api.schemas.evaluation import CloselyOut, LearnedOut, OverviewOut, WhyOut
from webapp.models import Version
from webapp.selectors import concepts, evaluation, gallery, projects, refining, versions
from webapp.services import comparing, reasons

router = Router(tags=["versions"])


class By(Schema):
    source: evaluation.Source = evaluation.Source.LEFT_OUT


class ByConcept(By):
    concept: str = ""


class Two(Schema):
    before: int = 0
    after: int = 0


class Of(Schema):
    concept: str = ""
    version: int | None = None
    most: Annotated[int, Field(ge=1, le=24)] = 6


class LabelsOut(BaseModel):
    items: list[LearnedOut]


@router.get("/{int:project_id}/versions/{int:number}/evaluation", response=OverviewOut)
@decorate_view(gzip_page)
def overview(
    request: HttpRequest, project_id: int, number: int, by: Annotated[By, Query()]
) -> OverviewOut:
    """Return the figures of all concepts at their thresholds, and the confusion matrix."""
    version = _version(request, project_id, number)
    found = evaluation.overview(version, by.source)
    return OverviewOut.of(found, refining_may_help=refining.may_help(version))


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


@router.get("/{int:project_id}/versions/compare", response=dict[str, Any])
@decorate_view(gzip_page)
def compare(
    request: HttpRequest, project_id: int, which: Annotated[Two, Query()]
) -> dict[str, Any]:
    """Return what changes from one version to another.

    Figures are of pictures that neither had seen, with McNemar's exact p-value; flips are between
    the answers that the two would give.
    """
    project = projects.get(user_of(request), project_id)
    before, after = (versions.get(project, number) for number in (which.before, which.after))
    return comparing.compare(before, after)


@router.get("/{int:project_id}/images/{int:image_id}/why", response=WhyOut)
def why(
    request: HttpRequest, project_id: int, image_id: int, of: Annotated[Of, Query()]
) -> dict[str, Any]:
    """Return the training pictures that pulled a picture's score up and down most.

    All parts add up to the score: the pictures listed, the others, the background, and those that
    were deleted since.
    """
    project = projects.get(user_of(request), project_id)
    return reasons.why(
        image=gallery.image(project, image_id),
        concept=concepts.find(project, of.concept),
        version=None if of.version is None else versions.get(project, of.version),
        most=of.most,
    )


def _version(request: HttpRequest, project_id: int, number: int) -> Version:
    return versions.get(projects.get(user_of(request), project_id), number)
