"""Projects as their members see them."""

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from webapp.errors import NotFound
from webapp.models import Concept, Image, Project, User


def for_user(user: User) -> QuerySet[Project]:
    """Return a person's projects, newest first.

    Each with `image_count`, `concept_count`, and the person's `role`.
    """
    return (
        Project.objects.filter(members=user, erased_at=None)
        .annotate(
            image_count=_count(Image),
            concept_count=_count(Concept),
            role=F("membership__role"),
        )
        .order_by("-id")
    )


def get(user: User, project_id: int) -> Project:
    """Return a person's project with its version; nothing is counted, so it costs nothing.

    Raises:
        NotFound: there is none of this id that the person may see.
    """
    mine = Project.objects.filter(members=user, erased_at=None)
    return _found(mine.select_related("version__created_by").filter(pk=project_id).first())


def get_counted(user: User, project_id: int) -> Project:
    """Return a person's project with `image_count` and `concept_count`.

    Raises:
        NotFound: as above.
    """
    return _found(for_user(user).filter(pk=project_id).first())


def _found(project: Project | None) -> Project:
    if project is None:
        raise NotFound("There is no such project.", code="project_not_found")
    return project


def _count(model: type[Image] | type[Concept]) -> Coalesce:
    # Subqueries: joined counts would multiply pictures by concepts.
    mine = model._default_manager.filter(project=OuterRef("pk")).order_by()
    counted = mine.values("project").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)
