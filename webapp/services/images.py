"""Pictures come in, are stored once per project, and go."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from webapp import events, learning
from webapp.errors import Busy, Invalid, PupilError
from webapp.models import Image, Job, Label, Project, User
from webapp.services import audit, jobs, labels, locks, projects, quotas
from webapp.services.concepts import find_or_create
from webapp.services.words import document
from webapp.text import clean, clean_filename

if TYPE_CHECKING:
    from training.images import ImageInfo

MAX_NOTE_CHARACTERS = 5000

logger = logging.getLogger(__name__)

NOT_STORED = Busy("There is no room for pictures just now. Try again.", code="not_stored")


@dataclass(frozen=True)
class Upload:
    """A file as it arrived."""

    filename: str
    file: "File[bytes]"


@dataclass(frozen=True)
class Ingested:
    image: Image
    is_duplicate: bool


@dataclass(frozen=True)
class Refused:
    filename: str
    code: str
    message: str


@dataclass
class Outcome:
    """What became of the files of one upload, each for itself."""

    images: list[Ingested] = field(default_factory=list)
    errors: list[Refused] = field(default_factory=list)

    def refuse(self, filename: str, error: PupilError) -> None:
        self.errors.append(Refused(filename, error.code, error.message))


def ingest(
    *, project: Project, user: User, uploads: Iterable[Upload], concepts: Sequence[str] = ()
) -> Outcome:
    """Store pictures and want them indexed. A bad one is told and harms no other."""
    outcome = Outcome()
    # Before anything is stored: a name that is refused must not cost the ids of stored pictures.
    if concepts:
        find_or_create(project=project, names=concepts)
    for upload in uploads:
        filename = clean_filename(upload.filename)
        try:
            outcome.images.append(_ingest_one(project, user, filename, upload.file))
        except PupilError as error:
            outcome.refuse(filename, error)
        except OSError as error:
            logger.warning("not stored: %s", error)
            outcome.refuse(filename, NOT_STORED)
    if concepts:
        labels.set_labels(
            project=project,
            user=user,
            changes=[
                labels.Change(image_id=ingested.image.pk, concept=concept, is_positive=True)
                for ingested in outcome.images
                for concept in concepts
            ],
        )
    return outcome


def _ingest_one(project: Project, user: User, filename: str, file: "File[bytes]") -> Ingested:
    info = learning.probe(file)
    sha256 = _sha256(file)
    name = storage_name(project.pk, "originals", sha256, info.extension)
    with transaction.atomic():
        locks.hold_file(project.pk, sha256)
        known = Image.objects.filter(project=project, sha256=sha256).first()
        if known is not None and known.status != Image.Status.FAILED:
            return Ingested(known, is_duplicate=True)
        if known is None:
            quotas.check(user=user, project=project, size=file.size)
        file.seek(0)
        default_storage.save(name, file)
        image = known or _added(
            project=project,
            sha256=sha256,
            filename=filename,
            content_type=info.content_type,
            byte_size=file.size,
            width=info.width,
            height=info.height,
            original=name,
            **found_by(filename, info),
            created_by=user,
        )
        _index(image, user)
    return Ingested(image, is_duplicate=known is not None)


def _added(*, project: Project, created_by: User, original: str, **fields: Any) -> Image:
    """Make the row of a picture whose file is stored; others may have filled the room meanwhile."""
    try:
        quotas.take(user=created_by, project=project, size=fields["byte_size"])
    except PupilError:
        default_storage.delete(original)
        raise
    return Image.objects.create(project=project, created_by=created_by, original=original, **fields)


def found_by(filename: str, info: "ImageInfo", note: str = "") -> dict[str, Any]:
    """Return the fields by which a picture is found in words and dates."""
    taken_at = info.taken_at.replace(tzinfo=UTC) if info.taken_at else None
    words = document(filename=filename, note=note, taken_at=taken_at)
    return {"taken_at": taken_at, "words": words}


def set_note(*, image: Image, note: str) -> Image:
    """Keep a note with a picture, by which it is found.

    Raises:
        Invalid: it is too long.
    """
    if len(note) > MAX_NOTE_CHARACTERS:
        message = f"A note has at most {MAX_NOTE_CHARACTERS} characters."
        raise Invalid(message, code="note_too_long")
    image.note = "\n".join(map(clean, note.splitlines())).strip()
    words = document(filename=image.filename, note=image.note, taken_at=image.taken_at)
    Image.objects.filter(pk=image.pk).update(note=image.note, words=words)
    events.publish_on_commit(image.project_id, "images", ids=[image.pk])
    return image


def _index(image: Image, user: User) -> None:
    if image.status != Image.Status.PENDING:
        image.status, image.error_code, image.error_message = Image.Status.PENDING, "", ""
        image.save(update_fields=["status", "error_code", "error_message"])
    jobs.enqueue(
        kind=Job.Kind.INDEX, project_id=image.project_id, subject_ids=[image.pk], user=user
    )
    events.publish_on_commit(image.project_id, "images", ids=[image.pk])


@transaction.atomic
def keep_for_testing(project: Project, chosen: QuerySet[Image], *, is_test: bool) -> int:
    """Take pictures out of what is learned, to test by, or back in; return how many changed."""
    images = Image.objects.filter(pk__in=chosen.order_by().values("pk")).exclude(is_test=is_test)
    locked = images.order_by("pk").select_for_update(no_key=True)
    changed = list(locked.values_list("pk", flat=True))
    Image.objects.filter(pk__in=changed).update(is_test=is_test)
    if Label.objects.filter(image__in=changed).exists():
        projects.note_labels_changed(project_id=project.pk)
    events.publish_on_commit(project.pk, "images", ids=changed[:500])
    return len(changed)


@transaction.atomic
def delete(*, project: Project, user: User, image_ids: Sequence[int]) -> int:
    """Remove pictures with their labels, embeddings and files; return how many there were."""
    locks.hold_predictions(project.pk, is_shared=True)
    images = list(
        Image.objects.filter(project=project, pk__in=image_ids).order_by("pk").select_for_update()
    )
    were_labelled = Label.objects.filter(image__in=images).exists()
    Image.objects.filter(pk__in=[image.pk for image in images]).delete()
    if were_labelled:  # after the pictures: labelling locks in this order too
        projects.note_labels_changed(project_id=project.pk)
    if images:
        audit.note("images.deleted", actor=user, project=project, count=len(images))
    transaction.on_commit(lambda: _delete_files(images))
    events.publish_on_commit(project.pk, "images", ids=[], deleted=list(image_ids))
    return len(images)


def _delete_files(images: Sequence[Image]) -> None:
    for image in images:
        with transaction.atomic():
            locks.hold_file(image.project_id, image.sha256)
            # The same picture may have come again while this one went.
            if Image.objects.filter(project_id=image.project_id, sha256=image.sha256).exists():
                continue
            try:
                for name in filter(None, (image.original, image.thumbnail, image.display)):
                    default_storage.delete(name)
            except OSError as error:  # the picture is gone all the same
                logger.warning("files of a deleted picture are left: %s", error)


def storage_name(project_id: int, rendition: str, sha256: str, extension: str) -> str:
    """Return the content-addressed name of a picture's file."""
    return f"{projects.folder(project_id)}/{rendition}/{sha256[:2]}/{sha256}.{extension}"


def _sha256(file: "File[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()
