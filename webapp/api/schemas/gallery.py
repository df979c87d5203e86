"""The gallery as the API shows it: a page, how many there are, and all in outline."""

from pydantic import BaseModel, Field

from webapp.api.schemas.images import GalleryImageOut
from webapp.selectors.outlines import Outline


class MarkOut(BaseModel):
    at: int = Field(description="Place of the first picture of this value.")
    value: str = Field(description="A date, or a probability in percent.")


class OutlineOut(BaseModel):
    """All that match, in order, as little as laying them out takes."""

    ids: list[int]
    widths: list[int] = Field(description="In percent of the height.")
    marks: list[MarkOut]

    @classmethod
    def of(cls, outline: Outline) -> "OutlineOut":
        marks = [MarkOut(at=place, value=value) for place, value in outline.marks]
        return cls.model_construct(ids=outline.ids, widths=outline.widths, marks=marks)


class CountOut(BaseModel):
    count: int


class GalleryOut(BaseModel):
    items: list[GalleryImageOut]
    next_cursor: str | None
    total: int | None = Field(description="How many match; on the first page, unless count=false.")
    words_only: bool = Field(
        False,
        description="No text-image model could read the free words just now: they were looked for "
        "in what is written and tagged alone. Ask again in a moment.",
    )
