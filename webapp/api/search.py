"""Find pictures like one."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from webapp.api import bodies
from webapp.api.auth import user_of
from webapp.api.schemas.images import SimilarOut
from webapp.selectors import gallery, projects
from webapp.selectors import search as selectors
from webapp.services import predicting

router = Router(tags=["search"])


class LikeImage(Schema):
    image: int


class Limit(Schema):
    limit: Annotated[int, Field(ge=1, le=selectors.MAX_LIMIT)] = 50


class SearchOut(Schema):
    items: list[SimilarOut]


@router.post(
    "/{int:project_id}/search",
    response=SearchOut,
    openapi_extra=bodies.openapi(LikeImage.json_schema()),
)
def search(request: HttpRequest, project_id: int, limit: Annotated[Limit, Query()]) -> SearchOut:
    """Return the pictures most like a sent or an indexed one, most similar first."""
    project = projects.get(user_of(request), project_id)
    if bodies.is_json(request):
        image = gallery.image(project, bodies.json_body(request, LikeImage).image)
        found = selectors.like_image(project, image, limit=limit.limit)
    else:
        vector = predicting.embed_upload(upload=bodies.uploads(request)[0])
        found = selectors.like_vector(project, vector, limit=limit.limit)
    similarities = dict(found)
    images = gallery.images(project, list(similarities))
    return SearchOut(
        items=[
            SimilarOut.of(image, similarity=round(similarities[image.pk], 6)) for image in images
        ]
    )
