"""What people do with versions: name, publish, set thresholds, remove. What was learned stays."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from webapp import events, learning
from webapp.errors import Conflict, Invalid, NotFound
from webapp.models import (
    Draft,
    Embedding,
    Export,
    Job,
    Prediction,
    Project,
    User,
    Version,
    VersionEvent,
)
from webapp.selectors import thresholds
from webapp.services import jobs, locks
from webapp.text import clean, clean_name

MAX_NAME_CHARACTERS = 100
MAX_NOTE_CHARACTERS = 2000


def next_number(project_id: int) -> int:
    """Return the number of the project's next version; a deleted one's is not used again."""
    used = [
        model.objects.filter(project=project_id).aggregate(newest=Max("number"))["newest"] or 0
        for model in (Version, VersionEvent)
    ]
    return max(used) + 1


def note_event(
    version: Version, kind: VersionEvent.Kind, user: User | None, **details: Any
) -> None:
    """Write down what somebody did to a version, and tell the pages."""
    VersionEvent.objects.create(
        project_id=version.project_id, number=version.number, kind=kind, details=details, by=user
    )
    events.publish_on_commit(version.project_id, "version", number=version.number)


def check_backbone(learned: Version | Draft) -> None:
    """Raise `Conflict` where what was learned is of a network that is not here.

    Of one that was refined the worker can tell, who reads its weights.
    """
    is_refined = isinstance(learned, Version) and learned.refinement
    if not is_refined and not learning.is_here(learned.fingerprint):
        raise learning.OTHER_BACKBONE


@transaction.atomic
def change(
    *,
    version: Version,
    user: User,
    name: str | None = None,
    note: str | None = None,
    stage: Version.Stage | None = None,
) -> Version:
    """Name a version, note something about it, move it to a stage: all of it, or nothing.

    Raises:
        Conflict: it would leave nothing live.
        Invalid: the name or note is too long.
        NotFound: it was deleted meanwhile.
    """
    if stage is not None:  # first: it takes the locks that all who change versions take
        move(version=version, user=user, stage=stage)
    if name is not None or note is not None:
        rename(version=version, user=user, name=name, note=note)
    return version


@transaction.atomic
def rename(
    *, version: Version, user: User, name: str | None = None, note: str | None = None
) -> Version:
    """Name a version, or note something about it.

    Raises:
        Invalid: the name or note is too long.
        NotFound: it was deleted meanwhile.
    """
    _take_turns(version)
    _refresh(version, "name", "note")
    if name is not None:
        version.name = clean_name(name, max_characters=MAX_NAME_CHARACTERS)
    if note is not None:
        version.note = clean(note)
        if len(version.note) > MAX_NOTE_CHARACTERS:
            raise Invalid(
                f"A note holds at most {MAX_NOTE_CHARACTERS} characters.", code="note_too_long"
            )
    version.save(update_fields=["name", "note"])
    note_event(version, VersionEvent.Kind.RENAMED, user, name=version.name)
    return version


@transaction.atomic
def move(*, version: Version, user: User, stage: Version.Stage) -> Version:
    """Move a version to a stage, in one step for all who ask: whoever held it becomes a draft.

    Raises:
        Conflict: it would leave nothing live.
        NotFound: it was deleted meanwhile.
    """
    _take_turns(version)
    _refresh(version)
    if version.stage == stage:
        return version
    if version.stage == Version.Stage.LIVE:
        raise Conflict(
            "This version is live. Publish another one instead, so that something answers.",
            code="version_live",
        )
    if stage != Version.Stage.DRAFT:
        held = Version.objects.filter(project=version.project_id, stage=stage)
        held.update(stage=Version.Stage.DRAFT)
    details = {"from": version.stage, "to": stage}
    version.stage = stage
    version.save(update_fields=["stage"])
    note_event(version, VersionEvent.Kind.STAGE, user, **details)
    return version


@transaction.atomic
def delete(*, version: Version, user: User) -> None:
    """Remove a version and its files. What the pages showed of it is shown by the one before.

    Raises:
        Conflict: it is live.
        NotFound: it was deleted meanwhile.
    """
    project = _held(version, "stage")
    if version.stage == Version.Stage.LIVE:
        raise Conflict(
            "This version is live and can't be deleted. Publish another one first.",
            code="version_live",
        )
    note_event(version, VersionEvent.Kind.DELETED, user, name=version.name)
    artifact, fingerprint = version.artifact, version.fingerprint
    exports = list(Export.objects.filter(version=version).values_list("file", flat=True))
    was_shown = project.version_id == version.pk
    version.delete()
    if fingerprint != learning.fingerprint() and not _is_needed(project, fingerprint):
        Embedding.objects.filter(project=project, fingerprint=fingerprint).delete()
    if was_shown:
        _show_the_one_before(project)
    transaction.on_commit(lambda: _delete_files([artifact, *exports]))


def _is_needed(project: Project, fingerprint: str) -> bool:
    """Say whether a version that is left judges by vectors known by a fingerprint."""
    return Version.objects.filter(project=project, fingerprint=fingerprint).exists()


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def hold(project_id: int) -> Project:
    """Hold a project's predictions and its row, in the order that teaching holds them."""
    locks.hold_predictions(project_id, is_shared=False)
    return Project.objects.select_for_update(no_key=True).get(pk=project_id)


def _take_turns(version: Version) -> None:
    """Let one deed at a time be done: the project's row stands for the question who is live."""
    Project.objects.select_for_update(no_key=True).get(pk=version.project_id)


def _held(version: Version, *fields: str) -> Project:
    """Hold a version's project, and read again what may have changed until then."""
    project = hold(version.project_id)
    _refresh(version, *fields)
    return project


def _refresh(version: Version, *fields: str) -> None:
    try:
        version.refresh_from_db(fields=fields or None)
    except Version.DoesNotExist as error:
        raise NotFound("There is no such version.", code="version_not_found") from error


def _show_the_one_before(project: Project) -> None:
    before = Version.objects.filter(project=project, refinement={}).first()
    Project.objects.filter(pk=project.pk).update(version=before)
    if before:
        jobs.enqueue_for_project(kind=Job.Kind.DRAFT, project_id=project.pk, user=None)
    else:
        Draft.objects.filter(project=project).delete()
        Prediction.objects.filter(concept__project=project).delete()


@transaction.atomic
def set_threshold(
    *, version: Version, user: User, concept: str, threshold: float | None
) -> Version:
    """Choose from which probability a concept counts as present; `None` goes back to the fitted.

    It counts at once, for what the version answers and for what the pages show of it, and goes
    along to the versions that follow.

    Raises:
        NotFound: the version knows no such concept, or was deleted meanwhile.
    """
    taught = next((c for c in version.concepts if c["name"] == concept), None)
    if taught is None:
        raise NotFound("This version knows no such concept.", code="concept_not_found")
    project = _held(version, "thresholds")
    key = str(taught["id"])
    version.thresholds.pop(key, None)
    if threshold is not None:
        version.thresholds[key] = threshold
    version.save(update_fields=["thresholds"])
    note_event(version, VersionEvent.Kind.THRESHOLD, user, concept=concept, threshold=threshold)
    if project.version_id == version.pk:
        in_use = thresholds.shown(project).get(taught["id"], thresholds.UNKNOWN)
        _judge_again(project, taught["id"], in_use)
    return version


def _judge_again(project: Project, concept_id: int, threshold: float) -> None:
    mine = Prediction.objects.filter(concept=concept_id)
    is_present = Q(probability__gte=threshold)
    if project.exclusive:
        better = Prediction.objects.filter(
            image=OuterRef("image"), probability__gt=OuterRef("probability")
        )
        is_present &= ~Q(Exists(better))
    now_present = set(mine.filter(is_present).values_list("pk", flat=True))
    mine.exclude(pk__in=now_present).filter(is_present=True).update(is_present=False)
    mine.filter(pk__in=now_present, is_present=False).update(is_present=True)
    events.publish_on_commit(project.pk, "draft")
