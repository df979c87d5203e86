"""Pictures as the API shows them, with what went wrong with them."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, Self

from django.urls import reverse
from ninja import Field
from pydantic import BaseModel

from webapp.learning import general
from webapp.models import Image, Job
from webapp.services.images import Ingested, Outcome, Refused

_ANY = "0" * 64


@lru_cache(maxsize=1000)
def _media_of(project_id: int) -> str:
    """Return where a project's pictures are, worked out once and not for each of a page."""
    return reverse("media", args=[project_id, _ANY, _ANY]).removesuffix(f"{_ANY}/{_ANY}")


class ErrorOut(BaseModel):
    code: str
    message: str

    @classmethod
    def of(cls, row: Image | Job) -> "ErrorOut | None":
        """Return what went wrong with it, if something did."""
        if not row.error_code:
            return None
        return cls(code=row.error_code, message=row.error_message)


class LabelOut(BaseModel):
    concept: str
    value: Literal["positive", "negative"]


class PredictionOut(BaseModel):
    concept: str
    probability: float
    present: bool


class ImageOut(BaseModel):
    id: int
    filename: str
    status: str
    error: ErrorOut | None
    width: int
    height: int
    content_type: str
    byte_size: int
    created_at: datetime
    test: bool = Field(description="Kept for testing: nothing is learned from it.")
    taken_at: datetime | None
    note: str
    group: int | None
    thumbnail_url: str | None
    image_url: str

    @staticmethod
    def fields_of(image: Image) -> dict[str, Any]:
        media = f"{_media_of(image.project_id)}{image.sha256}/"
        return {
            "id": image.pk,
            "filename": image.filename,
            "status": image.status,
            "error": ErrorOut.of(image),
            "width": image.width,
            "height": image.height,
            "content_type": image.content_type,
            "byte_size": image.byte_size,
            "created_at": image.created_at,
            "test": image.is_test,
            "taken_at": image.taken_at,
            "note": image.note,
            "group": image.group,
            "thumbnail_url": f"{media}thumbnail" if image.thumbnail else None,
            "image_url": f"{media}{'display' if image.display else 'original'}",
        }


class UploadedOut(ImageOut):
    duplicate: bool

    @classmethod
    def of(cls, ingested: Ingested) -> "UploadedOut":
        return cls(**cls.fields_of(ingested.image), duplicate=ingested.is_duplicate)


class RefusedOut(BaseModel):
    filename: str
    code: str
    message: str

    @classmethod
    def of(cls, refused: Refused) -> "RefusedOut":
        return cls(filename=refused.filename, code=refused.code, message=refused.message)


class IngestOut(BaseModel):
    images: list[UploadedOut]
    errors: list[RefusedOut]

    @classmethod
    def of(cls, outcome: Outcome) -> "IngestOut":
        return cls(
            images=[UploadedOut.of(ingested) for ingested in outcome.images],
            errors=[RefusedOut.of(error) for error in outcome.errors],
        )


class TagOut(BaseModel):
    name: str
    probability: float

    @classmethod
    def of(cls, image: Image) -> "list[TagOut]":
        """Name what the general model sees, the most telling first."""
        named = general.ranked({tag.tag: tag.probability for tag in image.tags.all()})
        return [cls(name=name, probability=round(p, 4)) for name, p in named]


class GalleryImageOut(ImageOut):
    group_size: int = Field(1, description="With near-duplicates folded: how many there are.")
    labels: list[LabelOut]
    predictions: list[PredictionOut]

    @classmethod
    def of(cls, image: Image, **more: Any) -> Self:
        """Read an image that came with its labels and predictions."""
        return cls(
            **cls.fields_of(image),
            group_size=getattr(image, "group_size", 1),
            labels=[
                LabelOut(concept=label.concept.name, value=label.value)
                for label in image.shown_labels
            ],
            predictions=[
                PredictionOut(
                    concept=said.concept.name,
                    probability=round(said.probability, 6),
                    present=said.is_present,
                )
                for said in image.shown_predictions
            ],
            **more,
        )


class LabelDetailOut(LabelOut):
    set_by: str | None = Field(description="Who said so; null when they are gone.")
    set_at: datetime
    disputed: bool = Field(description="Somebody says otherwise, and no owner settled it.")


class OpinionOut(LabelOut):
    by: str
    said_at: datetime


class ImageDetailOut(GalleryImageOut):
    label_details: list[LabelDetailOut]
    opinions: list[OpinionOut] = Field(description="What each person says, whatever counts.")
    added_by: str | None
    tags: list[TagOut] = Field(description="What the general model sees.")

    @classmethod
    def detailed(cls, image: Image) -> "ImageDetailOut":
        """Read an image that came with its labels, predictions, and who made them."""
        opinions = list(image.opinions.all())
        return cls.of(
            image,
            tags=TagOut.of(image),
            added_by=image.created_by.email if image.created_by else None,
            label_details=[
                LabelDetailOut(
                    concept=label.concept.name,
                    value=label.value,
                    set_by=label.set_by.email if label.set_by else None,
                    set_at=label.set_at,
                    disputed=not label.is_settled
                    and any(
                        said.concept_id == label.concept_id
                        and said.is_positive != label.is_positive
                        for said in opinions
                    ),
                )
                for label in image.shown_labels
            ],
            opinions=[
                OpinionOut(
                    concept=said.concept.name,
                    value=said.value,
                    by=said.by,
                    said_at=said.said_at,
                )
                for said in opinions
            ],
        )


class KnownImageOut(ImageOut):
    sha256: str


class KnownOut(BaseModel):
    items: list[KnownImageOut]

    @classmethod
    def of(cls, images: Iterable[Image]) -> "KnownOut":
        return cls(
            items=[
                KnownImageOut(**KnownImageOut.fields_of(image), sha256=image.sha256)
                for image in images
            ]
        )


class SimilarOut(GalleryImageOut):
    similarity: float
