"""What a project's page needs around the gallery: counts, concepts, version, work under way."""

from dataclasses import dataclass

from django.db.models import Count, Q

from webapp.models import Concept, Draft, Image, Job, Label, Prediction, Project, Version
from webapp.selectors import thresholds

_SHOWN_JOBS = 20
# Nobody asked for these.
_UNSEEN = [
    *(Job.Kind.INDEX, Job.Kind.DRAFT, Job.Kind.GROUP, Job.Kind.CARE, Job.Kind.VIEW),
    Job.Kind.TEXT_IMAGE,
]


@dataclass(frozen=True)
class Counts:
    total: int
    ready: int
    pending: int
    failed: int


@dataclass(frozen=True)
class ConceptSummary:
    """A concept with its examples and how many pictures the version finds it in."""

    concept: Concept
    positives: int
    negatives: int
    matches: int
    threshold: float | None


@dataclass(frozen=True)
class Summary:
    project: Project
    counts: Counts
    concepts: list[ConceptSummary]
    version: Version | None
    draft: Draft | None
    """What was labelled since the version, where that was learned already."""
    jobs: list[Job]
    labels_changed_since_version: int


def summary(project: Project) -> Summary:
    version = project.version
    draft = Draft.objects.filter(project=project).defer("head").first()
    return Summary(
        project=project,
        counts=counts(project),
        concepts=_concepts(project, draft or version),
        version=version,
        draft=draft,
        jobs=list(
            Job.objects.filter(project=project)
            .exclude(kind__in=_UNSEEN)
            .order_by("-id")[:_SHOWN_JOBS]
        ),
        labels_changed_since_version=project.labels_revision
        - (version.labels_revision if version else 0),
    )


def counts(project: Project) -> Counts:
    by_status = dict(
        Image.objects.filter(project=project)
        .values_list("status")
        .annotate(count=Count("pk"))
        .order_by()
    )
    ready, pending, failed = (by_status.get(status, 0) for status in ("ready", "pending", "failed"))
    return Counts(ready + pending + failed, ready, pending, failed)


def _concepts(project: Project, shown: Draft | Version | None) -> list[ConceptSummary]:
    labels = {
        concept_id: (positives, negatives)
        for concept_id, positives, negatives in Label.objects.filter(concept__project=project)
        .order_by()
        .values_list("concept")
        .annotate(
            positives=Count("pk", filter=Q(is_positive=True)),
            negatives=Count("pk", filter=Q(is_positive=False)),
        )
    }
    matches = dict(
        Prediction.objects.filter(concept__project=project, is_present=True)
        .order_by()
        .values_list("concept")
        .annotate(count=Count("pk"))
    )
    in_use = thresholds.of(project, shown)
    return [
        ConceptSummary(
            concept,
            *labels.get(concept.pk, (0, 0)),
            matches=matches.get(concept.pk, 0),
            threshold=in_use.get(concept.pk),
        )
        for concept in Concept.objects.filter(project=project).order_by("id")
    ]
