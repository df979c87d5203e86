"""Pictures as the API shows them, with what went wrong with them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, Self

from django.urls import reverse
from ninja import Field, Schema

from webapp.learning import general
from webapp.models import Image, Job
from webapp.selectors.outlines import Outline
from webapp.services.images import Ingested, Outcome, Refused


class ErrorOut(Schema):
    code: str
    message: str

    @classmethod
    def of(cls, row: Image | Job) -> "ErrorOut | None":
        """Return what went wrong with it, if something did."""
        if not row.error_code:
            return None
        return cls(code=row.error_code, message=row.error_message)


class LabelOut(Schema):
    concept: str
    value: Literal["positive", "negative"]


class PredictionOut(Schema):
    concept: str
    probability: float
    present: bool


class ImageOut(Schema):
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
        def media(rendition: str) -> str:
            return reverse("media", args=[image.project_id, image.sha256, rendition])

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
            "thumbnail_url": media("thumbnail") if image.thumbnail else None,
            "image_url": media("display" if image.display else "original"),
        }


class UploadedOut(ImageOut):
    duplicate: bool

    @classmethod
    def of(cls, ingested: Ingested) -> "UploadedOut":
        return cls(**cls.fields_of(ingested.image), duplicate=ingested.is_duplicate)


class RefusedOut(Schema):
    filename: str
    code: str
    message: str

    @classmethod
    def of(cls, refused: Refused) -> "RefusedOut":
        return cls(filename=refused.filename, code=refused.code, message=refused.message)


class IngestOut(Schema):
    images: list[UploadedOut]
    errors: list[RefusedOut]

    @classmethod
    def of(cls, outcome: Outcome) -> "IngestOut":
        return cls(
            images=[UploadedOut.of(ingested) for ingested in outcome.images],
            errors=[RefusedOut.of(error) for error in outcome.errors],
        )


class TagOut(Schema):
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
        labels = sorted(image.labels.all(), key=lambda label: label.concept_id)
        predictions = sorted(image.predictions.all(), key=lambda said: -said.probability)
        return cls(
            **cls.fields_of(image),
            group_size=getattr(image, "group_size", 1),
            labels=[LabelOut(concept=label.concept.name, value=label.value) for label in labels],
            predictions=[
                PredictionOut(
                    concept=said.concept.name,
                    probability=round(said.probability, 6),
                    present=said.is_present,
                )
                for said in predictions
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
                for label in sorted(image.labels.all(), key=lambda label: label.concept_id)
            ],
            opinions=[
                OpinionOut(
                    concept=said.concept.name,
                    value=said.value,
                    by=said.user.email,
                    said_at=said.said_at,
                )
                for said in opinions
            ],
        )


class KnownImageOut(ImageOut):
    sha256: str


class KnownOut(Schema):
    items: list[KnownImageOut]

    @classmethod
    def of(cls, images: Iterable[Image]) -> "KnownOut":
        return cls(
            items=[
                KnownImageOut(**KnownImageOut.fields_of(image), sha256=image.sha256)
                for image in images
            ]
        )


class MarkOut(Schema):
    at: int = Field(description="Place of the first picture of this value.")
    value: str = Field(description="A date, or a probability in percent.")


class OutlineOut(Schema):
    """All that match, in order, as little as laying them out takes."""

    ids: list[int]
    widths: list[int] = Field(description="In percent of the height.")
    marks: list[MarkOut]

    @classmethod
    def of(cls, outline: Outline) -> "OutlineOut":
        marks = [MarkOut(at=place, value=value) for place, value in outline.marks]
        return cls.model_construct(ids=outline.ids, widths=outline.widths, marks=marks)


class SimilarOut(GalleryImageOut):
    similarity: float


class GalleryOut(Schema):
    items: list[GalleryImageOut]
    next_cursor: str | None
    total: int | None
