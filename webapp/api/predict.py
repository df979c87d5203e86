"""Ask about pictures."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import pydantic
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from webapp.api import bodies
from webapp.api.auth import user_of
from webapp.api.schemas.images import RefusedOut
from webapp.api.schemas.learning import AnswerOut
from webapp.errors import Invalid
from webapp.models import Project, Version
from webapp.rights import Right, needs
from webapp.selectors import projects
from webapp.services import fetching
from webapp.services import predicting as services
from webapp.services.images import Upload

router = Router(tags=["predict"])


class PicturesIn(Schema):
    urls: Annotated[list[str], Field(default_factory=list)]
    images: Annotated[list[Annotated[int, Field(ge=0, lt=2**63)]], Field(default_factory=list)]


class Which(Schema):
    version: Annotated[int | None, Field(ge=1, lt=2**31, description="This one answers.")] = None
    stage: Annotated[
        Version.Stage | None, Field(description="`preview`: the one on trial; else `live`.")
    ] = None
    model: Annotated[
        Literal["project", "general"],
        Field(description="`general`: what pictures show, in everyday words nobody taught."),
    ] = "project"

    @pydantic.model_validator(mode="after")
    def _says_one_thing(self) -> "Which":
        if self.model == "general" and (self.version or self.stage):
            raise ValueError("the general model has no versions")
        return self


@router.post(
    "/{int:project_id}/predict",
    response=AnswerOut,
    openapi_extra=bodies.openapi(PicturesIn.json_schema()),
)
@needs(Right.PREDICT)
def predict(request: HttpRequest, project_id: int, which: Annotated[Which, Query()]) -> AnswerOut:
    """Return how likely each concept is, best first; nothing sent is kept.

    The live version answers; before anything was published, the newest.
    """
    project = projects.get(user_of(request), project_id)
    of_uploads, of_images = _asked(project, which)
    if not bodies.is_json(request):
        answer = of_uploads(bodies.uploads(request))
    else:
        body = bodies.json_body(request, PicturesIn)
        if bool(body.urls) == bool(body.images):
            raise Invalid("Send either `urls` or `images`.", code="bad_request")
        if body.images:
            answer = of_images(body.images)
        else:
            with fetching.fetched(body.urls) as (uploads, refused):
                answer = of_uploads(uploads)
            answer.errors[:0] = refused
    return AnswerOut(
        version=answer.version,
        stage=answer.stage,
        results=answer.results,
        errors=[RefusedOut.of(error) for error in answer.errors],
    )


def _asked(
    project: Project, which: Which
) -> tuple[
    Callable[[Sequence[Upload]], services.Answer], Callable[[Sequence[int]], services.Answer]
]:
    """Return who answers: for new pictures, and for the project's own."""
    if which.model == "general":
        return (
            services.predict_uploads_generally,
            lambda ids: services.predict_images_generally(project=project, image_ids=ids),
        )
    wanted = services.Wanted(which.version, which.stage)
    return (
        lambda new: services.predict_uploads(project=project, uploads=new, wanted=wanted),
        lambda ids: services.predict_images(project=project, image_ids=ids, wanted=wanted),
    )
