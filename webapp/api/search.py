"""Find pictures like others, and words to search by."""

from typing import Annotated, Any

import pydantic
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from webapp.api import bodies
from webapp.api.auth import user_of
from webapp.api.schemas.images import SimilarOut
from webapp.models import Project
from webapp.rights import Right, needs
from webapp.selectors import backbones, completions, gallery, projects
from webapp.selectors import search as selectors
from webapp.services import predicting

router = Router(tags=["search"])

Number = Annotated[int, Field(ge=0, lt=2**63)]
Numbers = Annotated[list[Number], Field(max_length=100)]
Share = Annotated[float, Field(ge=0, le=1)]


class Region(Schema):
    """A part of a picture: left, top, right, bottom as shares of its width and height."""

    image: Number
    box: tuple[Share, Share, Share, Share]

    @pydantic.model_validator(mode="after")
    def _is_not_empty(self) -> "Region":
        left, top, right, bottom = self.box
        if left >= right or top >= bottom:
            raise ValueError("the box is empty")
        return self


class Likeness(Schema):
    """What to be like: one picture, several (but not others), or a part of one."""

    image: Number | None = None
    like: Annotated[Numbers, Field(default_factory=list)]
    unlike: Annotated[Numbers, Field(default_factory=list)]
    region: Region | None = None

    @pydantic.model_validator(mode="after")
    def _says_one_thing(self) -> "Likeness":
        if sum(map(bool, (self.image is not None, self.like, self.region))) != 1:
            raise ValueError("give one of `image`, `like` and `region`")
        return self


class Limit(Schema):
    limit: Annotated[int, Field(ge=1, le=selectors.MAX_LIMIT)] = 50


class SearchOut(pydantic.BaseModel):
    items: list[SimilarOut]


class Typed(Schema):
    text: Annotated[str, Field(max_length=100)] = ""


class CompletionOut(pydantic.BaseModel):
    kind: str = Field(description="`concept`, `tag` or `key`.")
    text: str
    insert: str = Field(description="What to put in place of the typed word.")


class CompletionsOut(pydantic.BaseModel):
    items: list[CompletionOut]


@router.post(
    "/{int:project_id}/search",
    response=SearchOut,
    openapi_extra=bodies.openapi(Likeness.json_schema()),
)
@needs(Right.READ)
def search(request: HttpRequest, project_id: int, limit: Annotated[Limit, Query()]) -> SearchOut:
    """Return the pictures most like a sent or an indexed one, most similar first."""
    project = projects.get(user_of(request), project_id)
    if bodies.is_json(request):
        found = _like(project, bodies.json_body(request, Likeness), limit.limit)
    else:
        known_by = backbones.in_use(project)
        vector = predicting.embed_upload(upload=bodies.uploads(request)[0], known_by=known_by)
        found = selectors.like_vector(project, vector, limit=limit.limit, fingerprint=known_by)
    similarities = dict(found)
    images = gallery.images(project, list(similarities))
    return SearchOut(
        items=[
            SimilarOut.of(image, similarity=round(similarities[image.pk], 6)) for image in images
        ]
    )


@router.get("/{int:project_id}/search/completions", response=CompletionsOut)
def complete(
    request: HttpRequest, project_id: int, typed: Annotated[Typed, Query()]
) -> CompletionsOut:
    """Return what the word that is being typed may become."""
    project = projects.get(user_of(request), project_id)
    found = completions.complete(project, typed.text)
    return CompletionsOut(items=[CompletionOut(**vars(one)) for one in found])


def _like(project: Project, body: Likeness, limit: int) -> selectors.Nearest:
    if body.region:
        image = gallery.image(project, body.region.image)
        known_by = backbones.in_use(project)
        vector: Any = predicting.embed_region(image=image, box=body.region.box, known_by=known_by)
        return selectors.like_vector(project, vector, limit=limit, fingerprint=known_by)
    given = body.like or [body.image or 0]
    gallery.check_there(project, {*given, *body.unlike})
    found = selectors.like_images(project, like=given, unlike=body.unlike, limit=limit + len(given))
    return [(image_id, similarity) for image_id, similarity in found if image_id not in given][
        :limit
    ]
