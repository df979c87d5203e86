"""How good a version is, as the API says it."""

from typing import Any, Literal

from ninja import Field
from pydantic import BaseModel

from webapp.selectors.evaluation import Closely, Learned, Overview


class EstimateOut(BaseModel):
    """A figure with its 95 % interval; null where there is nothing to tell it from."""

    value: float | None
    low: float | None
    high: float | None


class FiguresOut(BaseModel):
    concept: str
    support: int = Field(description="How many pictures show it.")
    negatives: int
    precision: EstimateOut
    recall: EstimateOut
    f1: EstimateOut
    average_precision: EstimateOut

    @classmethod
    def of(cls, figures: Any) -> "FiguresOut":
        return cls.model_validate(figures, from_attributes=True)


class CellOut(BaseModel):
    true: str
    found: str | None = Field(description="null: none of these")
    images: list[int]
    count: int


class OverviewOut(BaseModel):
    source: str
    counts: dict[str, int]
    figures: list[FiguresOut]
    confusion: list[CellOut] = Field(description="The cells that are not empty.")
    refining_may_help: bool = Field(description="The figures give reason to tune the network.")

    @classmethod
    def of(cls, overview: Overview, *, refining_may_help: bool) -> "OverviewOut":
        return cls(
            source=overview.source,
            counts={str(source): count for source, count in overview.counts.items()},
            figures=[FiguresOut.of(figures) for figures in overview.figures],
            confusion=[CellOut(**vars(cell)) for cell in overview.cells],
            refining_may_help=refining_may_help,
        )


class JudgedOut(BaseModel):
    image: int | None
    label: int = Field(description="1 or -1, as people said it or as it follows from that.")
    now: int = Field(description="What people say now: 1, -1, or 0 for nothing.")
    probability: float
    claimable: bool


class BinOut(BaseModel):
    count: int
    mean: float
    share: EstimateOut


class CloselyOut(BaseModel):
    figures: FiguresOut
    predictions: list[JudgedOut]
    reliability: list[BinOut]

    @classmethod
    def of(cls, closely: Closely) -> "CloselyOut":
        return cls(
            figures=FiguresOut.of(closely.figures),
            predictions=[JudgedOut(**vars(judged)) for judged in closely.predictions],
            reliability=[
                BinOut.model_validate(found, from_attributes=True) for found in closely.reliability
            ],
        )


class LearnedOut(BaseModel):
    image: int | None
    sha256: str
    concept: str
    value: Literal["positive", "negative"]
    test: bool

    @classmethod
    def of(cls, label: Learned) -> "LearnedOut":
        return cls(
            image=label.image,
            sha256=label.sha256,
            concept=label.concept,
            value="positive" if label.is_positive else "negative",
            test=label.is_test,
        )


class PullOut(BaseModel):
    image: int
    pull: float = Field(description="What this picture added to the score.")
    similarity: float
    label: int


class WhyOut(BaseModel):
    score: float
    probability: float
    background: float
    deleted: float
    others: float
    pictures: list[PullOut] = Field(description="Those that pulled most, up to down.")
