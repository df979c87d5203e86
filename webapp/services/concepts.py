"""Concepts: found or made by name, renamed, removed."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from webapp import events
from webapp.errors import Conflict, Invalid
from webapp.models import Concept, Project
from webapp.services import locks, projects
from webapp.services.text import clean_name

MAX_NAME_CHARACTERS = 100
# Hues a person can tell apart in light and in dark, taken in turn.
COLOURS = (
    "#2563eb", "#db2777", "#16a34a", "#ea580c", "#7c3aed", "#0891b2",
    "#ca8a04", "#dc2626", "#4f46e5", "#059669", "#c026d3", "#65a30d",
)  # fmt: skip


def create(*, project: Project, name: str) -> Concept:
    """Make a concept.

    Raises:
        Conflict: there is one of this name.
    """
    if Concept.objects.filter(project=project, name__iexact=_name(name)).exists():
        raise Conflict(f"There is a concept “{_name(name)}” already.", code="concept_exists")
    return find_or_create(project=project, names=[name])[name]


@transaction.atomic
def find_or_create(*, project: Project, names: Iterable[str]) -> dict[str, Concept]:
    """Return the concept of each name, made where it is new; case does not matter."""
    wanted = {name: _name(name) for name in dict.fromkeys(names)}
    known = _by_folded_name(project)
    new = {name.lower(): name for name in wanted.values() if name.lower() not in known}
    if len(known) + len(new) > settings.MAX_CONCEPTS_PER_PROJECT:
        raise Invalid(
            f"A project holds at most {settings.MAX_CONCEPTS_PER_PROJECT} concepts.",
            code="too_many_concepts",
        )
    if new:
        Concept.objects.bulk_create(
            [
                Concept(project=project, name=name, colour=COLOURS[position % len(COLOURS)])
                for position, name in enumerate(new.values(), start=len(known))
            ],
            ignore_conflicts=True,  # someone else may make the same one right now
        )
        known = _by_folded_name(project)
        events.publish_on_commit(project.pk, "concepts")
    return {name: known[cleaned.lower()] for name, cleaned in wanted.items()}


@transaction.atomic
def update(*, concept: Concept, name: str | None = None, colour: str | None = None) -> Concept:
    """Rename or recolour a concept.

    Raises:
        Conflict: another one has this name.
    """
    if name is not None:
        concept.name = _name(name)
        others = Concept.objects.filter(project_id=concept.project_id, name__iexact=concept.name)
        if others.exclude(pk=concept.pk).exists():
            raise Conflict(f"There is a concept “{concept.name}” already.", code="concept_exists")
    if colour is not None:
        concept.colour = colour
    concept.save(update_fields=["name", "colour"])
    events.publish_on_commit(concept.project_id, "concepts")
    return concept


@transaction.atomic
def delete(*, concept: Concept) -> None:
    """Remove a concept with its labels; versions keep that they knew it."""
    locks.hold_predictions(concept.project_id, is_shared=True)
    concept.delete()
    projects.note_labels_changed(project_id=concept.project_id)
    events.publish_on_commit(concept.project_id, "concepts")


def _by_folded_name(project: Project) -> dict[str, Concept]:
    return {concept.name.lower(): concept for concept in Concept.objects.filter(project=project)}


def _name(name: str) -> str:
    cleaned = clean_name(name, max_characters=MAX_NAME_CHARACTERS)
    if not cleaned:
        raise Invalid("Give the concept a name.", code="name_missing")
    return cleaned
