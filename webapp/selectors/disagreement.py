"""Where people say different things of the same picture, and how far they agree on the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from webapp.learning.agreement import agreement
from webapp.models import Label, Opinion, Project

if TYPE_CHECKING:
    from training.agreement import Agreement

_MOST_PAIRS = 50
_FEW = 10  # below, "beyond chance" says nothing


@dataclass(frozen=True)
class Pair:
    """Two people and how far they agree on what both judged."""

    first: str
    second: str
    agreement: Agreement

    @property
    def percent(self) -> str:
        return f"{self.agreement.share.value or 0:.0%}"

    @property
    def percent_range(self) -> str:
        share = self.agreement.share
        return f"{share.low or 0:.0%} to {share.high or 0:.0%}"

    @property
    def kappa(self) -> str:
        """As it is shown; empty where it can't be told."""
        value = self.agreement.kappa.value
        is_told = value is not None and self.agreement.count >= _FEW
        return f"{value:.2f}" if is_told else ""

    @property
    def kappa_range(self) -> str:
        kappa = self.agreement.kappa
        return "" if kappa.low is None else f"({kappa.low:.2f} to {kappa.high:.2f})"


def disputed(labels: QuerySet[Label]) -> QuerySet[Label]:
    """Keep those of which somebody says otherwise, and that no owner settled."""
    contrary = Opinion.objects.filter(image=OuterRef("image"), concept=OuterRef("concept")).exclude(
        is_positive=OuterRef("is_positive")
    )
    return labels.filter(Exists(contrary), is_settled=False)


def count_disputed(project: Project) -> int:
    """Return how many pictures people disagree about."""
    labels = disputed(Label.objects.filter(concept__project=project))
    return labels.values("image").distinct().count()


def pairs(project: Project) -> list[Pair]:
    """Return who agrees how far with whom, those first who judged most in common."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, [project.pk, _MOST_PAIRS])
        return [Pair(one, two, agreement(*counts)) for one, two, *counts in cursor.fetchall()]


def opinions() -> QuerySet[Opinion]:
    """Return what each person says, with their names, by concept, the first to say so first."""
    said = Opinion.objects.select_related("concept", "user")
    return said.order_by("concept", "said_at", "id")


_PAIRS = """
SELECT coalesce(a.email, one.person), coalesce(b.email, two.person),
  count(*) FILTER (WHERE one.is_positive AND two.is_positive),
  count(*) FILTER (WHERE one.is_positive AND NOT two.is_positive),
  count(*) FILTER (WHERE NOT one.is_positive AND two.is_positive),
  count(*) FILTER (WHERE NOT one.is_positive AND NOT two.is_positive)
FROM webapp_opinion one
JOIN webapp_concept concept ON concept.id = one.concept_id AND concept.project_id = %s
JOIN webapp_opinion two ON two.image_id = one.image_id AND two.concept_id = one.concept_id
  AND (coalesce(two.user_id, 0), two.person) > (coalesce(one.user_id, 0), one.person)
LEFT JOIN webapp_user a ON a.id = one.user_id
LEFT JOIN webapp_user b ON b.id = two.user_id
GROUP BY one.user_id, two.user_id, one.person, two.person, a.email, b.email
ORDER BY count(*) DESC, 1, 2
LIMIT %s
"""
