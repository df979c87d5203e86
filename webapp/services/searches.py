"""Searches that people keep."""

from django.db import IntegrityError, transaction

from webapp import events
from webapp.errors import Conflict, Invalid
from webapp.models import Project, SavedSearch, User
from webapp.selectors import searching
from webapp.services import text_images
from webapp.text import clean, clean_name

MAX_NAME_CHARACTERS = 100
MAX_SEARCHES = 100


def save(*, project: Project, user: User, name: str, query: str) -> SavedSearch:
    """Keep a search under a name.

    Raises:
        BadQuery: it can't be understood.
        Conflict: there is one of this name.
    """
    text_images.prepare(query)
    searching.compile_search(searching.Lexicon(project), searching.parse(query))
    if SavedSearch.objects.filter(project=project).count() >= MAX_SEARCHES:
        message = f"A project keeps at most {MAX_SEARCHES} searches."
        raise Invalid(message, code="too_many_searches")
    return _stored(
        SavedSearch(project=project, name=_name(name), query=clean(query), created_by=user)
    )


def update(*, saved: SavedSearch, name: str | None = None, query: str | None = None) -> SavedSearch:
    """Rename a search or let it look for something else.

    Raises:
        BadQuery: the query can't be understood.
        Conflict: another one has this name.
    """
    if query is not None:
        text_images.prepare(query)
        searching.compile_search(searching.Lexicon(saved.project), searching.parse(query))
        saved.query = clean(query)
    if name is not None:
        saved.name = _name(name)
    return _stored(saved)


def delete(*, saved: SavedSearch) -> None:
    saved.delete()
    events.publish_on_commit(saved.project_id, "searches")


def _stored(saved: SavedSearch) -> SavedSearch:
    try:
        with transaction.atomic():
            saved.save()
            events.publish_on_commit(saved.project_id, "searches")
    except IntegrityError as error:
        message = f"There is a search “{saved.name}” already."
        raise Conflict(message, code="search_exists") from error
    return saved


def _name(name: str) -> str:
    cleaned = clean_name(name, max_characters=MAX_NAME_CHARACTERS)
    if not cleaned:
        raise Invalid("Give the search a name.", code="name_missing")
    return cleaned
