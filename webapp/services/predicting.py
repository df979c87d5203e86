"""Ask the serve worker: probabilities of new pictures, or the vector of one.

New pictures stand in a line (`services.line`) that no disk ever sees, and none is added to the
project; whatever else is asked goes by messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from webapp import learning
from webapp.errors import Conflict, Invalid, NotFound, PupilError, TooLarge
from webapp.learning import general
from webapp.models import Image, Project, Version
from webapp.services import asking, line, routing, serving, versions
from webapp.services.images import Refused, Upload
from webapp.text import clean_filename

MAX_PICTURES = 64
MAX_BYTES = 200 * 2**20


@dataclass
class Answer:
    """What a version says of each picture, in the order they were given.

    Attributes:
        version: its number; none where the general model answered.
        stage: the version's.
    """

    version: int | None = None
    stage: str | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[Refused] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """Which version shall answer; where nothing is said, the live one."""

    number: int | None = None
    stage: Version.Stage | None = None


def serving_version(project: Project, wanted: Wanted = Wanted()) -> Version:
    """Return the version that answers: the live one, or the newest while none is live.

    Raises:
        Conflict: nothing was trained yet.
        NotFound: there is no version like the one that is wanted.
    """
    mine = Version.objects.filter(project=project)
    if wanted.number is not None or wanted.stage is not None:
        named = {"number": wanted.number, "stage": wanted.stage}
        version = mine.filter(**{k: v for k, v in named.items() if v is not None}).first()
        if version is None:
            raise NotFound("There is no such version.", code="version_not_found")
    else:
        # A version that was refined is never forced on anyone.
        version = (
            mine.filter(stage=Version.Stage.LIVE).first() or mine.filter(refinement={}).first()
        )
    if version is None:
        raise Conflict("Train this project first: it has no version yet.", code="not_trained")
    versions.check_backbone(version)
    return version


def predict_uploads(
    *, project: Project, uploads: Sequence[Upload], wanted: Wanted = Wanted()
) -> Answer:
    """Say of new pictures how likely each concept is, best first.

    One version gives all of an answer, whatever is published meanwhile.
    """
    version = serving_version(project, wanted)
    answer, lane = Answer(version.number, version.stage), routing.lane_of(version)
    return _looked_at(uploads, answer, version_id=version.pk, lane=lane)


def predict_uploads_generally(uploads: Sequence[Upload]) -> Answer:
    """Say of new pictures what the general model sees, the most telling first.

    Raises:
        Conflict: there is no general model.
    """
    check_general()
    return _looked_at(uploads, Answer(), is_general=True)


def predict_images_generally(*, project: Project, image_ids: Sequence[int]) -> Answer:
    """Say the same of pictures that are in the project."""
    check_general()
    _check_count(len(image_ids))
    found = project.images.filter(status=Image.Status.READY, is_described=True)
    by_id = found.prefetch_related("tags").in_bulk(list(image_ids))
    wanted = list(dict.fromkeys(image_ids))
    results = [
        {
            "image": image_id,
            "filename": by_id[image_id].filename,
            "concepts": serving.general_concepts(
                {tag.tag: tag.probability for tag in by_id[image_id].tags.all()}
            ),
        }
        for image_id in wanted
        if image_id in by_id
    ]
    return Answer(results=results, errors=_missing(i for i in wanted if i not in by_id))


def check_general() -> None:
    """Raise `Conflict` where the backbone in use came without a general model."""
    if not general.is_there():
        raise Conflict("The backbone in use has no general model.", code="no_general_model")


def _looked_at(uploads: Sequence[Upload], answer: Answer, **who: Any) -> Answer:
    _check_count(len(uploads))
    _check_bytes(sum(upload.file.size for upload in uploads))
    names, good = [], []
    for upload in uploads:
        filename = clean_filename(upload.filename)
        try:
            learning.probe(upload.file)
        except PupilError as error:
            answer.errors.append(Refused(filename, error.code, error.message))
            continue
        names.append(filename)
        good.append(upload)
    said = _ask(good, **who) if good else []
    for filename, item in zip(names, said, strict=True):
        _check_answered(item)
        if "error" in item:
            answer.errors.append(Refused(filename, **item["error"]))
        else:
            answer.results.append({"filename": filename, **item})
    return answer


def _ask(uploads: Sequence[Upload], **who: Any) -> list[dict[str, Any]]:
    byte_size = sum(upload.file.size for upload in uploads)
    return line.ask((_bytes(upload) for upload in uploads), byte_size=byte_size, **who)


def _check_answered(item: Mapping[str, Any]) -> None:
    """Raise where it is not the picture that is at fault."""
    code = item.get("error", {}).get("code")
    for fault in (serving.VERSION_GONE, learning.OTHER_BACKBONE, asking.busy()):
        if code == fault.code:
            raise fault


def predict_images(
    *, project: Project, image_ids: Sequence[int], wanted: Wanted = Wanted()
) -> Answer:
    """Say the same of pictures that are in the project, from their stored vectors."""
    version = serving_version(project, wanted)
    _check_count(len(image_ids))
    said = asking.ask(
        "webapp.tasks.serve.predict_images",
        lane=routing.lane_of(version),
        version_id=version.pk,
        image_ids=list(image_ids),
    )
    there = {item["image"] for item in said}
    missing = _missing(i for i in dict.fromkeys(image_ids) if i not in there)
    return Answer(version.number, version.stage, results=said, errors=missing)


def _missing(image_ids: Iterable[int]) -> list[Refused]:
    message = "There is no such picture that was read."
    return [Refused(str(image_id), "image_not_found", message) for image_id in image_ids]


def embed_upload(*, upload: Upload, known_by: str) -> list[float]:
    """Return the vector, known by a fingerprint, of a picture that is not kept.

    Raises:
        Invalid: it is no picture that can be used.
    """
    learning.probe(upload.file)
    [said] = _ask([upload], known_by=known_by)
    _check_answered(said)
    if "error" in said:
        raise Invalid(said["error"]["message"], code=said["error"]["code"])
    vector: list[float] = said["vector"]
    return vector


def embed_region(*, image: Image, box: Sequence[float], known_by: str) -> list[float]:
    """Return the vector, known by a fingerprint, of a part of an indexed picture.

    Args:
        image: the picture.
        box: left, top, right, bottom as shares of its width and height.
        known_by: the fingerprint.

    Raises:
        Invalid: the picture can't be read.
    """
    vector: list[float] = asking.ask(
        "webapp.tasks.serve.embed_region", image_id=image.pk, box=list(box), known_by=known_by
    )
    return vector


def _check_count(count: int) -> None:
    if count > MAX_PICTURES:
        raise TooLarge(f"At most {MAX_PICTURES} pictures at once.", code="too_many_pictures")


def _check_bytes(count: int) -> None:
    if count > MAX_BYTES:
        raise TooLarge(f"At most {MAX_BYTES // 2**20} MB at once.", code="too_many_bytes")


def _bytes(upload: Upload) -> bytes:
    upload.file.seek(0)
    data: bytes = upload.file.read(settings.MAX_IMAGE_BYTES)
    return data
