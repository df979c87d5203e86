"""Labels: what people say of pictures, set all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from webapp import events
from webapp.errors import NotFound
from webapp.models import Concept, Image, Label, Project, User
from webapp.services import concepts, projects

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
    _take_back([pair for pair, value in last.items() if value is None])
    Label.objects.bulk_create(
        [
            Label(image_id=image_id, concept_id=concept_id, is_positive=value, set_by=user)
            for (image_id, concept_id), value in sorted(last.items())
            if value is not None
        ],
        update_conflicts=True,
        unique_fields=["image", "concept"],
        update_fields=["is_positive", "set_by", "set_at"],
        batch_size=5_000,
    )
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
    _say_of_all(changed, named, is_positive, user)
    projects.note_labels_changed(project_id=project.pk)
    events.publish_on_commit(project.pk, "labels", ids=changed[:_MAX_TOLD])
    return before


def _say_of_all(
    image_ids: list[int], concept: Concept, is_positive: bool | None, user: User
) -> None:
    if is_positive is None:
        Label.objects.filter(concept=concept, image_id__in=image_ids).delete()
        return
    with connection.cursor() as cursor:  # 100,000 rows in a second; objects would take four
        cursor.execute(
            "INSERT INTO webapp_label (image_id, concept_id, is_positive, set_by_id, set_at)"
            " SELECT unnest(%s::bigint[]), %s, %s, %s, now()"
            " ON CONFLICT (image_id, concept_id) DO UPDATE SET is_positive = excluded.is_positive,"
            " set_by_id = excluded.set_by_id, set_at = excluded.set_at",
            [image_ids, concept.pk, is_positive, user.pk],
        )


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


def _take_back(pairs: Sequence[tuple[int, int]]) -> None:
    by_concept: dict[int, list[int]] = {}
    for image_id, concept_id in pairs:
        by_concept.setdefault(concept_id, []).append(image_id)
    for concept_id, image_ids in by_concept.items():
        Label.objects.filter(image_id__in=image_ids, concept_id=concept_id).delete()
