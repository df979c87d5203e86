"""What care for the examples there is to take."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.errors import NotFound
from webapp.learning import care
from webapp.models import Finding, Image, Label, Prediction, Project
from webapp.selectors import backbones, concepts
from webapp.selectors import vectors as vector_selectors

_ORDER = ("wrong_label", "conflict", "inseparable", "outlier", "blurred", "dark", "empty", "tiny")
_FEWEST_TO_NAME = 2
_MOST_CLUSTERED = 20_000
_MOST_LABELLED = 3000
_MORE_LIKELY_THAN_NOT = 0.5


def findings(project: Project) -> list[Finding]:
    """Return the open findings, the worst first, with their pictures and concepts."""
    found = Finding.objects.filter(project=project, state=Finding.State.OPEN).select_related(
        "image", "other", "concept", "suggested"
    )
    # What is probably right, and of which mending was seen to hurt, is no advice.
    found = found.exclude(
        kind=Finding.Kind.WRONG_LABEL, score__lt=_MORE_LIKELY_THAN_NOT, gain__lt=0
    )
    return sorted(found, key=lambda f: (_ORDER.index(f.kind), -(f.gain or 0.0), -f.score, f.pk))


def get(project: Project, finding_id: int) -> Finding:
    """Return a finding.

    Raises:
        NotFound: the project has none of this id.
    """
    finding = (
        Finding.objects.filter(project=project, pk=finding_id)
        .select_related("project", "image", "other", "concept", "suggested")
        .first()
    )
    if finding is None:
        raise NotFound("There is no such finding.", code="finding_not_found")
    return finding


@dataclass(frozen=True)
class Cluster:
    """Pictures that look alike, the most typical first."""

    image_ids: list[int]


def clusters(project_id: int, *, count: int) -> list[Cluster]:
    """Divide a project's unlabelled pictures among clusters, the large ones first."""
    unlabelled = _unlabelled(project_id)[:_MOST_CLUSTERED]
    known_by = backbones.in_use_by(project_id)
    vectors = vector_selectors.of_project(project_id, known_by, only=unlabelled)
    if len(vectors.image_ids) < _FEWEST_TO_NAME:
        return []
    found = care.clusters(vectors.matrix, count)
    return [
        Cluster(vectors.image_ids[rows].tolist()) for rows in found if len(rows) >= _FEWEST_TO_NAME
    ]


def teach_most(project_id: int, *, concept: str | None, count: int) -> list[int]:
    """Return ids of the unlabelled pictures whose labels would teach most, best first."""
    import numpy as np

    project = Project.objects.get(pk=project_id)
    unlabelled = _unlabelled(project_id)[:_MOST_CLUSTERED]
    known_by = backbones.in_use(project)
    pool = vector_selectors.of_project(project_id, known_by, only=unlabelled)
    if not len(pool.image_ids):
        return []
    labelled = Label.objects.filter(image__project=project_id).order_by("-image_id")
    known_ids = sorted(set(labelled.values_list("image_id", flat=True)[:_MOST_LABELLED]))
    known = vector_selectors.of_project(project_id, known_by, only=known_ids)
    said = Prediction.objects.filter(image__in=pool.image_ids.tolist())
    if concept:
        said = said.filter(concept=concepts.find(project, concept))
    rows = list(said.values_list("image_id", "concept_id", "probability"))
    columns = {concept_id: column for column, concept_id in enumerate({row[1] for row in rows})}
    probabilities = np.zeros((len(pool.image_ids), max(1, len(columns))), np.float32)
    places = dict(zip(pool.image_ids.tolist(), range(len(pool.image_ids)), strict=True))
    for image_id, concept_id, probability in rows:
        probabilities[places[image_id], columns[concept_id]] = probability
    chosen = care.teach_most(
        known.matrix, pool.matrix, probabilities if rows else None, count=count
    )
    return [int(pool.image_ids[row]) for row in chosen]


def _unlabelled(project_id: int) -> Sequence[int]:
    """Return one picture of each group that has no label yet; its duplicates say no more."""
    images = Image.objects.filter(
        project=project_id, status=Image.Status.READY, is_test=False, labels=None
    )
    seen: set[int] = set()
    found = []
    for image_id, group in images.order_by("pk").values_list("pk", "group"):
        if group is None or group not in seen:
            found.append(image_id)
        if group is not None:
            seen.add(group)
    return found
