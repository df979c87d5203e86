"""Projects: made, renamed, erased."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from webapp import events
from webapp.errors import Invalid
from webapp.models import Image, Import, Job, Membership, Project, User
from webapp.services import audit, jobs, locks, viewing
from webapp.services.files import delete_folder
from webapp.text import clean_name

MAX_NAME_CHARACTERS = 200
_ERASED_AT_ONCE = 2000  # pictures, or jobs


@transaction.atomic
def create(*, user: User, name: str, exclusive: bool = False) -> Project:
    project = Project.objects.create(name=_name(name), exclusive=exclusive)
    Membership.objects.create(project=project, user=user, role=Membership.Role.OWNER)
    audit.note("project.made", actor=user, project=project, name=project.name)
    return project


@transaction.atomic
def update(*, project: Project, name: str | None = None, exclusive: bool | None = None) -> Project:
    changes = {"name": None if name is None else _name(name), "exclusive": exclusive}
    given = {field: value for field, value in changes.items() if value is not None}
    for field, value in given.items():
        setattr(project, field, value)
    project.save(update_fields=given)
    events.publish_on_commit(project.pk, "project")
    return project


@transaction.atomic
def erase(*, project: Project, user: User) -> None:
    """Hide a project at once and let a worker remove its rows and files."""
    Project.objects.filter(pk=project.pk).update(erased_at=Now())
    audit.note("project.deleted", actor=user, project=project, name=project.name)
    jobs.enqueue_for_project(kind=Job.Kind.ERASE, project_id=project.pk, user=user)
    events.publish_on_commit(project.pk, "project")


def erase_now(*, project_id: int) -> None:
    """Remove a hidden project's files, then its rows. Safe to run again after a crash.

    Rows go last: while they are there, an abandoned run is found and repeated.
    """
    delete_folder(default_storage, folder(project_id))
    for name in Import.objects.filter(project=project_id).values_list("file", flat=True):
        default_storage.delete(name)
    hidden = Project.objects.filter(pk=project_id, erased_at__isnull=False)
    # All at once would have a worker hold every row of a million pictures in memory.
    _erase_in_parts(project_id, Image.objects.filter(project__in=hidden))
    _erase_in_parts(project_id, Job.objects.filter(project__in=hidden).exclude(kind=Job.Kind.ERASE))
    with transaction.atomic():
        locks.hold_predictions(project_id, is_shared=False)
        hidden.delete()
    # A picture that was being indexed may have written its thumbnail meanwhile.
    delete_folder(default_storage, folder(project_id))
    events.publish_on_commit(project_id, "project")


def _erase_in_parts(project_id: int, rows: QuerySet[Any]) -> None:
    keys = rows.order_by("pk").values_list("pk", flat=True)
    while some := list(keys[:_ERASED_AT_ONCE]):
        with transaction.atomic():
            locks.hold_predictions(project_id, is_shared=False)
            rows.filter(pk__in=some).delete()


def note_labels_changed(*, project_id: int) -> None:
    """Note that what would be learned is no longer what it was; once taught, learn it at once."""
    project = Project.objects.filter(pk=project_id)
    project.update(labels_revision=F("labels_revision") + 1)
    viewing.want(project_id)
    if project.filter(version__isnull=False).exists():
        jobs.enqueue_for_project(kind=Job.Kind.DRAFT, project_id=project_id, user=None)


def folder(project_id: int) -> str:
    """Return where in the storage everything of a project lies."""
    return f"projects/{project_id}"


def _name(name: str) -> str:
    cleaned = clean_name(name, max_characters=MAX_NAME_CHARACTERS)
    if not cleaned:
        raise Invalid("Give the project a name.", code="name_missing")
    return cleaned
