"""Saved searches with what they find."""

from dataclasses import dataclass

from webapp.errors import Invalid, NotFound
from webapp.models import Project, SavedSearch
from webapp.selectors import listings


@dataclass(frozen=True)
class CountedSearch:
    """A saved search; the count is missing where it makes no sense any more."""

    saved: SavedSearch
    count: int | None


def counted(project: Project) -> list[CountedSearch]:
    """Return a project's saved searches by name, with how many pictures each finds."""
    saved = SavedSearch.objects.filter(project=project).order_by("name")
    return [CountedSearch(one, _count(project, one.query)) for one in saved]


def get(project: Project, search_id: int) -> SavedSearch:
    """Return a saved search.

    Raises:
        NotFound: the project has none of this id.
    """
    saved = SavedSearch.objects.filter(project=project, pk=search_id).first()
    if saved is None:
        raise NotFound("There is no such search.", code="search_not_found")
    return saved


def _count(project: Project, query: str) -> int | None:
    try:
        return listings.matching(project, listings.Query(q=query)).count()
    except (Invalid, NotFound):  # it names a concept or picture that was deleted since
        return None
