"""Pictures become thumbnails and vectors: read once, decoded once, written together."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from webapp import events, learning
from webapp.errors import PupilError
from webapp.models import Embedding, Image, Job
from webapp.services import changeover, grouping, jobs, locks, scoring, text_images, writing
from webapp.services.images import found_by, storage_name
from webapp.storage import StorageAwayError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from training.embed import Description
    from training.images import Rendition

logger = logging.getLogger(__name__)

_MORE = 64  # at a time: what is uploaded meanwhile waits for no more than these

# While an update runs, workers of both kinds index, and the old ones' vectors are of no use.
LOOK_FOR_OUTDATED_EVERY = timedelta(hours=1)

SHOWN_BY_BROWSERS = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}

UNREADABLE = PupilError(
    "The picture could not be read just now. Delete it or upload it again.", code="index_failed"
)


def index(claimed: Sequence[Job]) -> None:
    """Index the pictures of claimed jobs; each fails or succeeds for itself."""
    by_image = {job.subject_id: job for job in claimed}
    images = Image.objects.filter(pk__in=by_image, project__erased_at=None).in_bulk()
    for image_id in by_image.keys() - images.keys():
        jobs.drop(by_image[image_id])
    pictures: dict[int, Picture] = {}
    for image in images.values():
        try:
            pictures[image.pk] = _read(image)
        except PupilError as error:
            give_up(by_image[image.pk], error)
        except StorageAwayError as error:
            logger.warning("picture %s waits for the storage: %s", image.pk, error)
            jobs.release(by_image[image.pk], done=0, total=1)
        except (OSError, MemoryError) as error:
            logger.warning("picture %s not read: %s", image.pk, error)
            retry([by_image[image.pk]])
    described = learning.describe(pictures) if pictures else {}
    for project_id in {images[image_id].project_id for image_id in described}:
        batch = [
            images[image_id] for image_id in described if images[image_id].project_id == project_id
        ]
        is_changing = changeover.embed_as_before(
            project_id, {image.pk: pictures[image.pk] for image in batch}
        )
        _write(project_id, batch, described, [by_image[image.pk] for image in batch])
        if is_changing:
            changeover.go_on_after_last(project_id)


def describe_more() -> None:
    """Read again some pictures that were indexed before there were tags, while nothing waits."""
    if Job.objects.filter(kind=Job.Kind.INDEX, finished_at=None).exists():
        return
    # What failed would fail again, every few seconds, and keep those behind it from their turn.
    old = Image.objects.filter(
        status=Image.Status.READY, is_described=False, project__erased_at=None
    ).values_list("project_id", "pk")
    by_project: dict[int, list[int]] = defaultdict(list)
    for project_id, image_id in old.difference(_index_jobs(Job.State.FAILED)).order_by("pk")[
        :_MORE
    ]:
        by_project[project_id].append(image_id)
    for project_id, image_ids in by_project.items():
        _want_again(project_id, image_ids)


def read_outdated(*, is_first: bool = True) -> None:
    """Want every picture read again that has no vector of the backbone that reads now.

    Args:
        is_first: whether nobody looked since this worker began: what failed is tried once more.
    """
    current = Embedding.objects.filter(image=OuterRef("pk"), fingerprint=learning.fingerprint())
    # One that was tried and waits to be tried again keeps its claim, and would be doubled.
    closed = [] if is_first else [Job.State.FAILED]
    known = _index_jobs(*Job.GOING_ON, *closed)
    outdated = Image.objects.filter(
        ~Exists(current), status=Image.Status.READY, project__erased_at=None
    ).values_list("project_id", "pk")
    by_project: dict[int, list[int]] = {}
    # A difference of sets: looked up for each picture, a hundred thousand jobs took minutes.
    for project_id, image_id in outdated.difference(known):
        by_project.setdefault(project_id, []).append(image_id)
    for project_id, image_ids in by_project.items():
        _want_again(project_id, image_ids)
    changeover.go_on_everywhere()


def _index_jobs(*states: Job.State) -> QuerySet[Job, tuple[int | None, int]]:
    """Return the pictures, each with its project, that jobs in these states read."""
    jobs_of_pictures = Job.objects.filter(kind=Job.Kind.INDEX, state__in=states)
    return jobs_of_pictures.values_list("project_id", "subject_id")


def _want_again(project_id: int, image_ids: list[int]) -> None:
    jobs.enqueue(
        kind=Job.Kind.INDEX,
        project_id=project_id,
        subject_ids=image_ids,
        user=None,
        is_background=True,
    )


def retry(broken: Sequence[Job]) -> None:
    """Try again what broke for no fault of the picture, until it was tried too often."""
    with transaction.atomic():
        for job in jobs.retry(broken, code=UNREADABLE.code, message=UNREADABLE.message):
            _mark_failed(job, UNREADABLE)


def give_up(job: Job, error: PupilError) -> None:
    with transaction.atomic():
        jobs.fail(job, error)
        _mark_failed(job, error)


def _mark_failed(job: Job, error: PupilError) -> None:
    Image.objects.filter(pk=job.subject_id).exclude(status=Image.Status.READY).update(
        status=Image.Status.FAILED, error_code=error.code, error_message=error.message
    )
    jobs.hasten(kind=Job.Kind.TEACH, project_id=job.project_pk)
    events.publish_on_commit(job.project_id, "images", ids=[job.subject_id])
    transaction.on_commit(partial(changeover.go_on_after_last, job.project_pk))


def _read(image: Image) -> Picture:
    """Decode a picture, look at it, and store its thumbnail from the same decode."""
    with default_storage.open(image.original) as file:
        picture = learning.decode(file)
        if image.words is None:  # it came before pictures were found by words
            found = found_by(image.filename, learning.probe(file), image.note)
            Image.objects.filter(pk=image.pk, words=None).update(**found)
        if image.content_type not in SHOWN_BY_BROWSERS:
            image.display = _save(image, "displays", learning.display(file))
    image.thumbnail = _save(image, "thumbnails", learning.thumbnail(picture))
    for name, value in vars(learning.look(picture)).items():
        setattr(image, name, value)
    return picture


def _save(image: Image, kind: str, rendition: Rendition) -> str:
    name = storage_name(image.project_id, kind, image.sha256, rendition.extension)
    return default_storage.save(name, ContentFile(rendition.data))


def _write(
    project_id: int,
    images: Sequence[Image],
    described: dict[int, Description],
    claimed: list[Job],
) -> None:
    try:
        with transaction.atomic():
            locks.hold_predictions(project_id, is_shared=True)
            present = _still_there(images)
            jobs.succeed(claimed)
            writing.write(project_id, present, described)
            scoring.score_new(project_id, [image.pk for image in present])
            jobs.hasten(kind=Job.Kind.TEACH, project_id=project_id)
            text_images.want(project_id)
            grouping.want(project_id)
            events.publish_on_commit(project_id, "images", ids=[image.pk for image in present])
    except jobs.LostClaimError:
        logger.warning("%d pictures were indexed by another worker meanwhile", len(images))


def _still_there(images: Sequence[Image]) -> list[Image]:
    """Return the pictures nobody deleted meanwhile, and keep them until the transaction ends."""
    ids = [image.pk for image in images]
    kept = Image.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    living = set(kept.values_list("pk", flat=True))
    return [image for image in images if image.pk in living]
