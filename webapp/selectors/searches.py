"""Saved searches with what they find."""

from dataclasses import dataclass

from webapp.errors import NotFound
from webapp.models import Project, SavedSearch
from webapp.selectors import counting


@dataclass(frozen=True)
class CountedSearch:
    """A saved search; the count is missing where it makes no sense any more."""

    saved: SavedSearch
    count: int | None


def counted(project: Project) -> list[CountedSearch]:
    """Return a project's saved searches by name, with how many pictures each finds."""
    saved = list(SavedSearch.objects.filter(project=project).order_by("name"))
    counts = counting.counts(project, [one.query for one in saved])
    return [CountedSearch(one, count) for one, count in zip(saved, counts, strict=True)]


def get(project: Project, search_id: int) -> SavedSearch:
    """Return a saved search.

    Raises:
        NotFound: the project has none of this id.
    """
    saved = SavedSearch.objects.filter(project=project, pk=search_id).first()
    if saved is None:
        raise NotFound("There is no such search.", code="search_not_found")
    return saved
