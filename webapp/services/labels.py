"""Labels: what people say of pictures, set all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from webapp import events
from webapp.errors import Conflict, NotFound
from webapp.models import Concept, Image, Label, Opinion, Project, User
from webapp.selectors import disagreement
from webapp.services import concepts, projects
from webapp.text import clean

_MAX_TOLD = 500  # ids in one event


@dataclass(frozen=True)
class Change:
    """What to say of an image and a concept; `None` takes back what was said."""

    image_id: int
    concept: str
    is_positive: bool | None


@transaction.atomic
def set_labels(*, project: Project, user: User, changes: Sequence[Change]) -> list[Concept]:
    """Set labels and return their concepts. The last word on a picture and concept counts.

    Raises:
        NotFound: one of the pictures is not in the project; nothing was changed.
        Conflict: one of the concepts was deleted at this moment; nothing was changed.
    """
    if not changes:
        return []
    _check_images(project, {change.image_id for change in changes})
    said = [change.concept for change in changes if change.is_positive is not None]
    by_name = concepts.find(project=project, names=[change.concept for change in changes])
    by_name |= concepts.find_or_create(project=project, names=said)
    concepts.hold(by_name.values())
    last = {
        (change.image_id, by_name[change.concept].pk): change.is_positive
        for change in changes
        if change.concept in by_name  # what was never said needs no taking back
    }
    _take_back([pair for pair, value in last.items() if value is None], user)
    _say({pair: value for pair, value in sorted(last.items()) if value is not None}, user)
    projects.note_labels_changed(project_id=project.pk)
    events.publish_on_commit(
        project.pk, "labels", ids=sorted({c.image_id for c in changes})[:_MAX_TOLD]
    )
    return list({concept.pk: concept for concept in by_name.values()}.values())


@transaction.atomic
def set_many(
    *,
    project: Project,
    user: User,
    images: QuerySet[Image],
    concept: str,
    is_positive: bool | None,
) -> dict[bool | None, list[int]]:
    """Say the same of many pictures; return by what was said before the ids that changed.

    Pictures that could not be read are left out: nothing can be learned from them.
    """
    # Pictures before concepts, as `set_labels` does: else two could wait for each other.
    chosen = images.exclude(status=Image.Status.FAILED).values("pk")
    locked = Image.objects.filter(pk__in=chosen).order_by("pk").select_for_update(no_key=True)
    ids = list(locked.values_list("pk", flat=True))
    if is_positive is None:
        named = concepts.find(project=project, names=[concept]).get(concept)
    else:
        named = concepts.find_or_create(project=project, names=[concept])[concept]
    before: dict[bool | None, list[int]] = {True: [], False: [], None: []}
    if named is None:
        return before
    concepts.hold([named])
    said = dict(Label.objects.filter(concept=named).values_list("image_id", "is_positive"))
    for image_id in ids:
        before[said.get(image_id)].append(image_id)
    before[is_positive] = []
    changed = [image_id for same in before.values() for image_id in same]
    if is_positive is None:
        _take_back([(image_id, named.pk) for image_id in changed], user)
    else:
        _set({(image_id, named.pk): is_positive for image_id in sorted(changed)}, user)
        _note({(image_id, named.pk): is_positive for image_id in ids}, user)
    projects.note_labels_changed(project_id=project.pk)
    events.publish_on_commit(project.pk, "labels", ids=changed[:_MAX_TOLD])
    return before


@transaction.atomic
def settle(*, project: Project, user: User, image_id: int, concept: str, is_positive: bool) -> None:
    """Decide what counts where people disagree; it stands until somebody says otherwise.

    Raises:
        NotFound: there is no such picture or concept.
        Conflict: people do not disagree about it.
    """
    _check_images(project, {image_id})
    named = concepts.find(project=project, names=[concept]).get(concept)
    if named is None:
        raise NotFound(f"There is no concept “{clean(concept)}”.", code="concept_not_found")
    concepts.hold([named])
    disputed = disagreement.disputed(Label.objects.filter(image=image_id, concept=named))
    if not disputed.exists():
        raise Conflict("Nobody disagrees about this any more.", code="not_disputed")
    _say({(image_id, named.pk): is_positive}, user)
    Label.objects.filter(image=image_id, concept=named).update(is_settled=True)
    projects.note_labels_changed(project_id=project.pk)
    events.publish_on_commit(project.pk, "labels", ids=[image_id])


_SAID = """
FROM unnest(%(images)s::bigint[], %(concepts)s::bigint[], %(values)s::boolean[])
AS said(image, concept, value)
"""
# What an owner settled stays so while nobody says otherwise.
_SET_LABELS = f"""
INSERT INTO webapp_label AS label
(image_id, concept_id, is_positive, set_by_id, set_at, is_settled)
SELECT image, concept, value, %(user)s, now(), false {_SAID}
ON CONFLICT (image_id, concept_id) DO UPDATE SET
is_positive = excluded.is_positive, set_by_id = excluded.set_by_id, set_at = excluded.set_at,
is_settled = label.is_settled AND label.is_positive = excluded.is_positive
"""
_NOTE_OPINIONS = f"""
INSERT INTO webapp_opinion (image_id, concept_id, user_id, is_positive, said_at)
SELECT image, concept, %(user)s, value, now() {_SAID}
ON CONFLICT (image_id, concept_id, user_id) DO UPDATE SET
is_positive = excluded.is_positive, said_at = excluded.said_at
"""


def _say(said: dict[tuple[int, int], bool], user: User) -> None:
    """Make what somebody says of images and concepts count, and keep that they said it."""
    _set(said, user)
    _note(said, user)


def _set(said: dict[tuple[int, int], bool], user: User) -> None:
    _write(_SET_LABELS, said, user)


def _note(said: dict[tuple[int, int], bool], user: User) -> None:
    _write(_NOTE_OPINIONS, said, user)


def _write(statement: str, said: dict[tuple[int, int], bool], user: User) -> None:
    """Write all in one statement: 100,000 in a second; objects would take four."""
    told: dict[str, Any] = {
        "images": [image_id for image_id, _ in said],
        "concepts": [concept_id for _, concept_id in said],
        "values": list(said.values()),
        "user": user.pk,
    }
    with connection.cursor() as cursor:
        if said:
            cursor.execute(statement, told)


def _check_images(project: Project, image_ids: set[int]) -> None:
    # The lock keeps a picture from being deleted between this check and its label's insertion.
    found = set(
        Image.objects.filter(project=project, pk__in=image_ids)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    if missing := sorted(image_ids - found):
        raise NotFound(
            f"{len(missing)} of these pictures are not in this project.",
            code="image_not_found",
            details={"images": missing[:100]},
        )


def _take_back(pairs: Sequence[tuple[int, int]], user: User) -> None:
    """Have nothing said; what others once said themselves is theirs to take back."""
    by_concept: dict[int, list[int]] = {}
    for image_id, concept_id in pairs:
        by_concept.setdefault(concept_id, []).append(image_id)
    for concept_id, image_ids in by_concept.items():
        mine = {"image_id__in": image_ids, "concept_id": concept_id}
        Label.objects.filter(**mine).delete()
        Opinion.objects.filter(**mine, user=user).delete()
