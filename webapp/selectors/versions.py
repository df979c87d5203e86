"""Versions, and what people did with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL

from webapp.errors import NotFound
from webapp.models import Project, User, Version, VersionEvent

_EVENTS = 200


@dataclass(frozen=True)
class History:
    """Everything that the versions' page shows."""

    versions: Sequence[Version]
    events: Sequence[VersionEvent]
    rollback: int | None
    """The version that was live before the one that is, where it still exists."""


def get(project: Project, number: int) -> Version:
    """Return a version by its number.

    Raises:
        NotFound: there is none.
    """
    version = of(project).filter(number=number).first()
    if version is None:
        raise NotFound("There is no such version.", code="version_not_found")
    return version


def published(user: User) -> QuerySet[Version]:
    """Return the live versions of a person's projects, with their projects, newest first."""
    mine = Version.objects.filter(project__members=user, project__erased_at=None)
    live = mine.filter(stage=Version.Stage.LIVE).select_related("project")
    return live.defer("evaluation").order_by("-project_id")


def of(project: Project) -> QuerySet[Version]:
    """Return a project's versions, newest first, with who made them."""
    return Version.objects.filter(project=project).select_related("created_by", "project")


def history(project: Project) -> History:
    """Return the versions, without what grows with the number of wrong predictions, and events."""
    versions = list(
        of(project)
        .defer("evaluation")
        .annotate(figures=RawSQL("evaluation - 'wrong' - 'confusion'", [], JSONField()))
    )
    for version in versions:
        version.evaluation = getattr(version, "figures")  # noqa: B009  annotated
    events = list(
        VersionEvent.objects.filter(project=project).select_related("by").order_by("-id")[:_EVENTS]
    )
    return History(versions, events, _rollback(project, versions))


def _rollback(project: Project, versions: Sequence[Version]) -> int | None:
    live = next((v.number for v in versions if v.stage == Version.Stage.LIVE), None)
    there = {version.number for version in versions if version.number != live}
    were_live = VersionEvent.objects.filter(
        project=project, kind=VersionEvent.Kind.STAGE, details__to=Version.Stage.LIVE
    ).order_by("-id")
    before = (number for number in were_live.values_list("number", flat=True) if number in there)
    return next(before, None) if live is not None else None
