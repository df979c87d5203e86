"""Ask about pictures."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from webapp.api import bodies
from webapp.api.auth import user_of
from webapp.api.schemas.images import RefusedOut
from webapp.api.schemas.learning import AnswerOut
from webapp.errors import Invalid
from webapp.models import Version
from webapp.rights import Right, needs
from webapp.selectors import projects
from webapp.services import fetching
from webapp.services import predicting as services

router = Router(tags=["predict"])


class PicturesIn(Schema):
    urls: Annotated[list[str], Field(default_factory=list)]
    images: Annotated[list[int], Field(default_factory=list)]


class Which(Schema):
    version: Annotated[int | None, Field(ge=1, lt=2**31, description="This one answers.")] = None
    stage: Annotated[
        Version.Stage | None, Field(description="`preview`: the one on trial; else `live`.")
    ] = None


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
    wanted = services.Wanted(which.version, which.stage)
    if not bodies.is_json(request):
        answer = services.predict_uploads(
            project=project, uploads=bodies.uploads(request), wanted=wanted
        )
    else:
        body = bodies.json_body(request, PicturesIn)
        if bool(body.urls) == bool(body.images):
            raise Invalid("Send either `urls` or `images`.", code="bad_request")
        if body.images:
            answer = services.predict_images(project=project, image_ids=body.images, wanted=wanted)
        else:
            with fetching.fetched(body.urls) as (uploads, refused):
                answer = services.predict_uploads(project=project, uploads=uploads, wanted=wanted)
            answer.errors[:0] = refused
    return AnswerOut(
        version=answer.version,
        stage=answer.stage,
        results=answer.results,
        errors=[RefusedOut.of(error) for error in answer.errors],
    )
