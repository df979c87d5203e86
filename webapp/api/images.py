"""Pictures: uploaded, listed, removed."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from webapp.api import bodies
from webapp.api.auth import user_of
from webapp.api.schemas.images import (
    GalleryImageOut,
    GalleryOut,
    IngestOut,
)
from webapp.models import Image
from webapp.selectors import gallery, projects
from webapp.services import fetching
from webapp.services import images as services

router = Router(tags=["images"])


class ImagesByUrl(Schema):
    urls: list[str]
    concept: Annotated[list[str], Field(default_factory=list)]


class GalleryQuery(Schema):
    concept: str | None = None
    min_probability: Annotated[float | None, Field(ge=0, le=1)] = None
    max_probability: Annotated[float | None, Field(ge=0, le=1)] = None
    label: gallery.LabelFilter | None = None
    status: Image.Status | None = None
    ids: Annotated[
        str | None,
        Field(pattern=r"^[0-9]+(,[0-9]+)*$", max_length=5000, description="These alone: 1,2,3."),
    ] = None
    sort: gallery.Sort = gallery.Sort.NEWEST
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=gallery.MAX_LIMIT)] = 100


@router.post(
    "/{int:project_id}/images",
    response={201: IngestOut},
    openapi_extra=bodies.openapi(ImagesByUrl.json_schema(), concept=bodies.STRINGS),
)
def upload(request: HttpRequest, project_id: int) -> Status[Any]:
    """Take pictures as files or addresses; each is stored, or refused with a reason, by itself."""
    user = user_of(request)
    project = projects.get(user, project_id)
    if not bodies.is_json(request):
        concepts = request.POST.getlist("concept")
        outcome = services.ingest(
            project=project, user=user, uploads=bodies.uploads(request), concepts=concepts
        )
        return Status(201, IngestOut.of(outcome))
    body = bodies.json_body(request, ImagesByUrl)
    with fetching.fetched(body.urls) as (uploads, refused):
        outcome = services.ingest(
            project=project, user=user, uploads=uploads, concepts=body.concept
        )
    outcome.errors[:0] = refused
    return Status(201, IngestOut.of(outcome))


@router.get("/{int:project_id}/images", response=GalleryOut)
def list_images(
    request: HttpRequest, project_id: int, query: Annotated[GalleryQuery, Query()]
) -> GalleryOut:
    project = projects.get(user_of(request), project_id)
    ids = None if query.ids is None else tuple(map(int, query.ids.split(",")))
    page = gallery.page(project, gallery.Query(**query.dict(exclude={"ids"}), ids=ids))
    return GalleryOut(
        items=[GalleryImageOut.of(image) for image in page.items],
        next_cursor=page.next_cursor,
        total=page.total,
    )


@router.get("/{int:project_id}/images/{int:image_id}", response=GalleryImageOut)
def get(request: HttpRequest, project_id: int, image_id: int) -> GalleryImageOut:
    project = projects.get(user_of(request), project_id)
    return GalleryImageOut.of(gallery.image(project, image_id))


@router.delete("/{int:project_id}/images/{int:image_id}", response={204: None})
def delete(request: HttpRequest, project_id: int, image_id: int) -> Status[Any]:
    project = projects.get(user_of(request), project_id)
    image = gallery.image(project, image_id)
    services.delete(project=project, image_ids=[image.pk])
    return Status(204, None)
