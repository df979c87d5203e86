"""Concepts: found or made by name, renamed, removed."""

from collections.abc import Iterable

from django.conf import settings
from django.db import IntegrityError, transaction

from webapp import events
from webapp.errors import Conflict, Invalid
from webapp.models import Concept, Label, Opinion, Project, User
from webapp.services import audit, locks, projects
from webapp.text import clean_name, name_key

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
    if find(project=project, names=[name]):
        raise Conflict(f"There is a concept “{_name(name)}” already.", code="concept_exists")
    return find_or_create(project=project, names=[name])[name]


def find(*, project: Project, names: Iterable[str]) -> dict[str, Concept]:
    """Return the concepts that are there, by the names given; case does not matter."""
    wanted = {name: name_key(_name(name)) for name in names}
    known = _by_key(project)
    return {name: known[key] for name, key in wanted.items() if key in known}


@transaction.atomic
def find_or_create(*, project: Project, names: Iterable[str]) -> dict[str, Concept]:
    """Return the concept of each name, made where it is new."""
    wanted = {name: _name(name) for name in dict.fromkeys(names)}
    if not wanted:
        return {}
    known = _by_key(project)
    new = {name_key(name): name for name in wanted.values() if name_key(name) not in known}
    if new:
        _check_limit(len(known) + len(new))
        Concept.objects.bulk_create(
            [
                Concept(
                    project=project,
                    name=name,
                    name_key=key,
                    colour=COLOURS[position % len(COLOURS)],
                )
                for position, (key, name) in enumerate(new.items(), start=len(known))
            ],
            ignore_conflicts=True,  # someone else may make the same one right now
        )
        known = _by_key(project)
        events.publish_on_commit(project.pk, "concepts")
    return {name: known[name_key(cleaned)] for name, cleaned in wanted.items()}


def hold(concepts: Iterable[Concept]) -> None:
    """Keep concepts from being deleted until the transaction ends: labels will refer to them.

    Raises:
        Conflict: one of them was deleted since it was read.
    """
    wanted = {concept.pk: concept.name for concept in concepts}
    rows = Concept.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
    if gone := wanted.keys() - set(rows.values_list("pk", flat=True)):
        name = wanted[min(gone)]
        raise Conflict(f"“{name}” was deleted meanwhile. Try again.", code="concept_deleted")


def update(*, concept: Concept, name: str | None = None, colour: str | None = None) -> Concept:
    """Rename or recolour a concept.

    Raises:
        Conflict: another one has this name.
    """
    changed = []
    if name is not None:
        concept.name, concept.name_key = _name(name), name_key(_name(name))
        changed += ["name", "name_key"]
    if colour is not None:
        concept.colour = colour
        changed.append("colour")
    try:
        with transaction.atomic():
            concept.save(update_fields=changed)
            events.publish_on_commit(concept.project_id, "concepts")
    except IntegrityError as error:
        message = f"There is a concept “{concept.name}” already."
        raise Conflict(message, code="concept_exists") from error
    return concept


@transaction.atomic
def delete(*, concept: Concept, user: User) -> None:
    """Remove a concept with its labels; versions keep that they knew it."""
    locks.hold_predictions(concept.project_id, is_shared=True)
    # Before its labels: who is labelling holds them in this order too.
    Concept.objects.select_for_update().filter(pk=concept.pk).first()
    _, gone = concept.delete()
    audit.note(
        "concept.deleted",
        actor=user,
        project=concept.project,
        name=concept.name,
        labels=gone.get(Label._meta.label, 0),
        opinions=gone.get(Opinion._meta.label, 0),
    )
    projects.note_labels_changed(project_id=concept.project_id)
    events.publish_on_commit(concept.project_id, "concepts")


def _by_key(project: Project) -> dict[str, Concept]:
    return {concept.name_key: concept for concept in Concept.objects.filter(project=project)}


def _check_limit(count: int) -> None:
    if count > settings.MAX_CONCEPTS_PER_PROJECT:
        raise Invalid(
            f"A project holds at most {settings.MAX_CONCEPTS_PER_PROJECT} concepts.",
            code="too_many_concepts",
        )


def _name(name: str) -> str:
    cleaned = clean_name(name, max_characters=MAX_NAME_CHARACTERS)
    if not cleaned:
        raise Invalid("Give the concept a name.", code="name_missing")
    return cleaned
