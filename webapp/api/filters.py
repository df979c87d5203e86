"""What the gallery shows, as requests say it: in an address, or in a body to act on all of it."""

from typing import Annotated, Any

from ninja import Field, Schema

from webapp.errors import Invalid
from webapp.models import Image
from webapp.selectors import gallery, listings, ordering
from webapp.services import text_images


class GalleryFilter(Schema):
    q: Annotated[
        str, Field(description="As in the search box: rex>0.8 -label:rex taken:2024 tag:dog.")
    ] = ""
    concept: str | None = None
    min_probability: Annotated[float | None, Field(ge=0, le=1)] = None
    max_probability: Annotated[float | None, Field(ge=0, le=1)] = None
    label: listings.LabelFilter | None = None
    status: Image.Status | None = None
    ids: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9]{1,40}(,[0-9]{1,40})*$",
            max_length=5000,
            description="These alone: 1,2,3.",
        ),
    ] = None

    def to_query(self) -> listings.Query:
        is_read = text_images.prepare(self.q)
        fields: dict[str, Any] = self.dict(exclude={"ids"})
        ids = None if self.ids is None else tuple(map(int, self.ids.split(",")))
        return listings.Query(**fields, ids=ids, words_only=not is_read)


class GalleryOrder(GalleryFilter):
    sort: ordering.Sort | None = None
    fold: Annotated[bool, Field(description="One of each group of near-duplicates.")] = False


class GalleryQuery(GalleryOrder):
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=gallery.MAX_LIMIT)] = 100
    count: Annotated[
        bool, Field(description="Say how many match in all; among very many that takes longest.")
    ] = True


class Chosen(Schema):
    """Pictures to act on: these, or all that a filter matches."""

    images: list[Annotated[int, Field(ge=0, lt=2**63)]] | None = None
    matching: GalleryFilter | None = None

    def to_query(self) -> listings.Query:
        """Return what is chosen.

        Raises:
            Invalid: neither or both were given.
        """
        if (self.images is None) == (self.matching is None):
            raise Invalid("Send either `images` or `matching`.", code="bad_request")
        if self.matching is not None:
            return self.matching.to_query()
        return listings.Query(ids=tuple(self.images or ()))
