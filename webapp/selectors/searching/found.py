"""What a search asks for, and how well pictures match it."""

from dataclasses import dataclass, field

from django.db.models import Case, FloatField, Func, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from webapp.models import ImageTag
from webapp.selectors.ordering import Sort


@dataclass
class Found:
    """What a search asks for.

    Attributes:
        condition: what holds of a picture.
        concept: the first concept that the query names, for orders that need one.
        scores: how well a picture matches each free word and tag, 0 to 1.
        near: ids of pictures to be like.
        unlike: ids of pictures not to be like.
        sort: the order that the query names.
    """

    condition: Q = field(default_factory=Q)
    concept: str | None = None
    scores: list[Combinable] = field(default_factory=list)
    near: list[int] = field(default_factory=list)
    unlike: list[int] = field(default_factory=list)
    sort: Sort | None = None

    @property
    def score(self) -> Combinable:
        """How well a picture matches all words."""
        whole: Combinable = Value(0.0, output_field=FloatField())
        for score in self.scores:
            whole = whole + score
        return whole


def scored(told: Q, sure: Combinable) -> Combinable:
    """Let what people said count fully, and what a model sees as far as it is sure."""
    return Case(When(told, then=Value(1.0)), default=sure, output_field=FloatField())


def likeliest(tags: list[int]) -> Combinable:
    """How sure the general model is of the likeliest of some tags."""
    likeliest = (
        ImageTag.objects.filter(image=OuterRef("pk"), tag__in=tags)
        .values("image")
        .annotate(most=Max("probability"))
        .values("most")
    )
    return Coalesce(Subquery(likeliest), 0.0, output_field=FloatField())


def as_seen(seen: dict[int, float]) -> Combinable:
    """How well a text fits a picture, of those that it fits."""
    place = Func(
        list(seen), "pk", template="array_position(%(expressions)s)", arg_joiner="::bigint[], "
    )
    return Func(
        list(seen.values()),
        place,
        template="coalesce((%(expressions)s], 0)",
        arg_joiner="::float8[])[",
        output_field=FloatField(),
    )
