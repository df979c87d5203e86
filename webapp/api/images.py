"""Pictures: uploaded, listed, removed."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import BaseModel

from webapp.api import bodies, limits
from webapp.api.access import require
from webapp.api.auth import user_of
from webapp.api.filters import Chosen, GalleryOrder, GalleryQuery
from webapp.api.schemas.gallery import CountOut, GalleryOut, OutlineOut
from webapp.api.schemas.images import GalleryImageOut, ImageDetailOut, IngestOut, KnownOut
from webapp.models import Image, Project
from webapp.rights import Right, needs
from webapp.selectors import concepts, gallery, listings, outlines, projects
from webapp.services import fetching, locating
from webapp.services import images as services
from webapp.services.images import Outcome

router = Router(tags=["images"])

PNG = {
    "responses": {
        200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
    }
}


class ImagesByUrl(Schema):
    urls: list[str]
    concept: Annotated[list[str], Field(default_factory=list)]


class ImageChange(Schema):
    note: str | None = None


class KnownIn(Schema):
    sha256: Annotated[
        list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]],
        Field(default_factory=list, max_length=gallery.MAX_LIMIT),
    ]


class DeletedOut(BaseModel):
    deleted: int
    left: int = Field(description="How many of the chosen are still there: ask again.")


class TestIn(Chosen):
    test: bool = True


class TestOut(BaseModel):
    updated: int


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
        _check_may_label(request, project, concepts)
        outcome = services.ingest(
            project=project, user=user, uploads=bodies.uploads(request), concepts=concepts
        )
        return _taken(request, project, outcome)
    body = bodies.json_body(request, ImagesByUrl)
    _check_may_label(request, project, body.concept)
    with fetching.fetched(body.urls) as (uploads, refused):
        outcome = services.ingest(
            project=project, user=user, uploads=uploads, concepts=body.concept
        )
    outcome.errors[:0] = refused
    return _taken(request, project, outcome)


def _taken(request: HttpRequest, project: Project, outcome: Outcome) -> Status[Any]:
    limits.add_quota(request, project)
    return Status(201, IngestOut.of(outcome))


def _check_may_label(request: HttpRequest, project: Project, concepts: list[str]) -> None:
    if concepts:
        require(request, Right.LABEL, project_id=project.pk)


@router.get("/{int:project_id}/images", response=GalleryOut)
def list_images(
    request: HttpRequest, project_id: int, query: Annotated[GalleryQuery, Query()]
) -> GalleryOut:
    project = projects.get(user_of(request), project_id)
    asked = query.to_query()
    page = gallery.page(project, asked)
    return GalleryOut(
        items=[GalleryImageOut.of(image) for image in page.items],
        next_cursor=page.next_cursor,
        total=page.total,
        words_only=asked.words_only,
    )


@router.get("/{int:project_id}/images/count", response=CountOut)
def count(
    request: HttpRequest, project_id: int, query: Annotated[GalleryOrder, Query()]
) -> CountOut:
    """Return how many pictures match."""
    project = projects.get(user_of(request), project_id)
    return CountOut(count=gallery.count(project, query.to_query()))


@router.post("/{int:project_id}/images/test", response=TestOut)
def keep_for_testing(request: HttpRequest, project_id: int, body: TestIn) -> TestOut:
    """Keep pictures for testing, or no longer: versions are judged by them and never learn them."""
    project = projects.get(user_of(request), project_id)
    chosen = listings.matching(project, body.to_query())
    return TestOut(updated=services.keep_for_testing(project, chosen, is_test=body.test))


@router.get("/{int:project_id}/images/outline", response=OutlineOut)
@decorate_view(gzip_page)
def outline(
    request: HttpRequest, project_id: int, query: Annotated[GalleryOrder, Query()]
) -> OutlineOut:
    """Return ids and shapes of all that match, and where which date or probability begins."""
    project = projects.get(user_of(request), project_id)
    return OutlineOut.of(outlines.outline(project, query.to_query()))


@router.post("/{int:project_id}/images/known", response=KnownOut)
@needs(Right.READ)
def known(request: HttpRequest, project_id: int, body: KnownIn) -> KnownOut:
    """Return which files, by checksum, are here already and need not be sent."""
    project = projects.get(user_of(request), project_id)
    images = Image.objects.filter(project=project, sha256__in=body.sha256)
    return KnownOut.of(images.exclude(status=Image.Status.FAILED))


@router.post("/{int:project_id}/images/delete", response=DeletedOut)
def delete_many(request: HttpRequest, project_id: int, body: Chosen) -> DeletedOut:
    """Remove the first of the chosen pictures; ask again while some are left."""
    user = user_of(request)
    project = projects.get(user, project_id)
    found = listings.matching(project, body.to_query())
    ids = list(found.order_by("id").values_list("pk", flat=True)[: gallery.MAX_LIMIT])
    deleted = services.delete(project=project, user=user, image_ids=ids)
    return DeletedOut(deleted=deleted, left=found.count())


@router.get("/{int:project_id}/images/{int:image_id}", response=ImageDetailOut)
def get(request: HttpRequest, project_id: int, image_id: int) -> ImageDetailOut:
    """Return a picture with its labels, who set them, and its predictions."""
    project = projects.get(user_of(request), project_id)
    return ImageDetailOut.detailed(gallery.image(project, image_id))


@router.get("/{int:project_id}/images/{int:image_id}/where", openapi_extra=PNG)
def where(request: HttpRequest, project_id: int, image_id: int, concept: str = "") -> HttpResponse:
    """Return a PNG to lay over the picture: where the evidence for a concept is."""
    project = projects.get(user_of(request), project_id)
    image = gallery.image(project, image_id)
    png = locating.where(image=image, concept=concepts.find(project, concept))
    return HttpResponse(png, content_type="image/png", headers={"Cache-Control": "no-store"})


@router.patch("/{int:project_id}/images/{int:image_id}", response=ImageDetailOut)
def update(
    request: HttpRequest, project_id: int, image_id: int, body: ImageChange
) -> ImageDetailOut:
    """Keep a note with a picture."""
    project = projects.get(user_of(request), project_id)
    image = gallery.image(project, image_id)
    if body.note is not None:
        services.set_note(image=image, note=body.note)
    return ImageDetailOut.detailed(gallery.image(project, image_id))


@router.delete("/{int:project_id}/images/{int:image_id}", response={204: None})
def delete(request: HttpRequest, project_id: int, image_id: int) -> Status[Any]:
    user = user_of(request)
    project = projects.get(user, project_id)
    image = gallery.image(project, image_id)
    services.delete(project=project, user=user, image_ids=[image.pk])
    return Status(204, None)
