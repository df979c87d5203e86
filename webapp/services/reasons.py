"""Why a picture scores as it does: the training pictures that pulled it up and down most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from webapp import learning
from webapp.errors import Conflict, Invalid
from webapp.models import Concept, Draft, Image, Project, Version
from webapp.models.learning import TaughtConcept
from webapp.selectors import vectors as vector_selectors
from webapp.services import asking, embedding, versions

if TYPE_CHECKING:
    import numpy as np

    from training.heads import Head

_MOST = 24


def why(*, image: Image, concept: Concept, version: Version | None, most: int) -> dict[str, Any]:
    """Return the parts of a picture's score, of a version or of what the pages show.

    Raises:
        Conflict: nothing was learned of the concept, or too little was kept.
        Invalid: the picture was not read yet.
        Busy: the serve worker does not answer.
    """
    if image.status != Image.Status.READY:
        raise Invalid("This picture is not indexed yet.", code="not_indexed")
    said: dict[str, Any] = asking.ask(
        "webapp.tasks.serve.why",
        image_id=image.pk,
        concept_id=concept.pk,
        version_id=version.pk if version else None,
        most=min(most, _MOST),
    )
    return said


def worked_out(
    *, image_id: int, concept_id: int, version_id: int | None, most: int
) -> dict[str, Any]:
    """Take the score apart; the serve worker's side.

    Raises:
        Conflict: nothing was learned of the concept, or too little was kept.
    """
    image = Image.objects.filter(pk=image_id).first()
    model = _model(image, version_id) if image else None
    if image is None or model is None or concept_id not in model.columns:
        raise Conflict("Pupil does not know this concept yet. Train first.", code="not_trained")
    if model.record.pulls is None or model.record.judgements is None:
        raise Conflict("This was learned before reasons were kept. Train again.", code="not_kept")
    return _parts(image, model, model.columns[concept_id], most)


@dataclass(frozen=True)
class _Model:
    head: Head
    record: learning.Record
    concepts: list[TaughtConcept]
    fingerprint: str
    untuned: str

    @property
    def columns(self) -> dict[int, int]:
        return {concept["id"]: column for column, concept in enumerate(self.concepts)}


def _model(image: Image, version_id: int | None) -> _Model | None:
    if version_id is None:
        draft = Draft.objects.filter(project=image.project_id).first()
        if draft:
            versions.check_backbone(draft)
            head, record = learning.parse_head(draft.head), learning.parse_record(draft.head)
            return _Model(head, record, draft.concepts, draft.fingerprint, draft.fingerprint)
        version = Project.objects.select_related("version").get(pk=image.project_id).version
    else:
        version = Version.objects.filter(pk=version_id).first()
    if version is None:
        return None
    versions.check_backbone(version)
    if version.fingerprint != learning.fingerprint():
        embedding.complete(version, [image.pk])
    head, record = learning.load_head(version.artifact), learning.load_record(version.artifact)
    untuned = embedding.untuned(version)
    return _Model(head, record, version.concepts, version.fingerprint, untuned)


def _parts(image: Image, model: _Model, column: int, most: int) -> dict[str, Any]:
    import numpy as np

    judgements, pulls = model.record.judgements, model.record.pulls
    assert judgements is not None and pulls is not None  # noqa: S101, PT018  the caller saw to it
    learned = int((~judgements.held_out).sum())
    dimensions = learning.dimensions(model.untuned)
    vectors = vector_selectors.of_project(
        image.project_id, model.fingerprint, dimensions=dimensions
    )
    own = vectors.of([image.pk])
    ids = dict(Image.objects.filter(project=image.project_id).values_list("sha256", "pk"))
    indexed = set(vectors.image_ids.tolist())
    there = [ids.get(sha256) in indexed for sha256 in model.record.hashes[:learned]]
    rows = np.flatnonzero(there)
    image_ids = [ids[model.record.hashes[row]] for row in rows.tolist()]
    views, of_views, viewed = _views(model, image_ids, rows)
    rest = learned + len(model.record.viewed)
    found = learning.influence(
        own[0],
        vectors.of(image_ids),
        np.concatenate(
            [pulls[np.concatenate([rows, learned + of_views]), column], pulls[rest:, column]]
        ),
        untuned=model.untuned,
        views=views,
        viewed=viewed,
    )
    score = float(model.head.scores(own)[0, column])
    probability = float(model.head.probabilities(own)[0, column])
    order = np.argsort(-np.abs(found.pictures), kind="stable")[:most]
    listed = sorted(order.tolist(), key=lambda row: -found.pictures[row])
    return {
        "score": score,
        "probability": round(probability, 6),
        "background": found.background,
        # Of pictures that were deleted since, only the sum is known.
        "deleted": score - found.score,
        "others": float(found.pictures.sum() - found.pictures[order].sum()),
        "pictures": [
            {
                "image": image_ids[row],
                "pull": float(found.pictures[row]),
                "similarity": float(found.similarities[row]),
                "label": int(judgements.targets[rows[row], column]),
            }
            for row in listed
        ],
    }


def _views(
    model: _Model, image_ids: list[int], rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return those learned views that are still there.

    Args:
        model: what learned from them.
        image_ids: of learned pictures that are still there.
        rows: theirs, ascending, in the order of the fit.

    Returns:
        (S, D) vectors, (S,) which of the learned views they are, and (S,) which of the pictures
        each is of.
    """
    import numpy as np

    viewed = model.record.viewed
    views = vector_selectors.views_of(image_ids, model.fingerprint) if len(viewed) else None
    if views is None:
        return np.empty((0, learning.dimensions(model.untuned)), np.float32), viewed[:0], viewed[:0]
    # The views of one picture follow each other.
    number = np.arange(len(viewed)) - np.searchsorted(viewed, viewed)
    picture = np.searchsorted(rows, viewed).clip(max=len(rows) - 1)
    number = number.clip(max=views.shape[1] - 1)
    vectors = views[picture, number]
    there = np.flatnonzero((rows[picture] == viewed) & np.isfinite(vectors).all(axis=1))
    return vectors[there], there, picture[there]
