"""Concepts, by the names that people give them."""

from webapp.errors import NotFound
from webapp.models import Concept, Project
from webapp.text import clean, name_key


def find(project: Project, name: str) -> Concept:
    """Return a concept by its name.

    Raises:
        NotFound: the project has none of that name.
    """
    concept = Concept.objects.filter(project=project, name_key=name_key(name)).first()
    if concept is None:
        raise missing(name)
    return concept


def missing(name: str) -> NotFound:
    return NotFound(f"There is no concept “{clean(name)}”.", code="concept_not_found")
