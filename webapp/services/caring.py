"""After every training: which examples hurt, kept until somebody mends or dismisses them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from webapp import events
from webapp.errors import Conflict, Invalid
from webapp.learning import care
from webapp.models import Finding, Image, Job, Label, Project, User
from webapp.selectors import backbones, near
from webapp.services import jobs, labels, lessons
from webapp.services.labels import Change

_MOST_OF_A_KIND = 50
_Key = tuple[str, int | None, int | None, int | None]


def inspect(job: Job) -> None:
    """Look at what a project learned from, and replace its open findings."""
    project = Project.objects.select_related("version").get(pk=job.project_pk)
    known_by = backbones.in_use(project)
    try:
        lesson = lessons.read(project, fingerprint=known_by)
    except Invalid:  # the last label was taken back meanwhile
        jobs.succeed([job])
        return
    found = [*_of_labels(project, lesson, known_by), *_of_pictures(project, lesson)]
    with transaction.atomic():
        jobs.succeed([job])
        _replace(project, found)
        events.publish_on_commit(project.pk, "care")


def mend(*, finding: Finding, user: User) -> None:
    """Do what the finding suggests.

    Raises:
        Conflict: it was dealt with already.
        Invalid: there is nothing that one click could mend.
    """
    with transaction.atomic():
        _close(finding, Finding.State.MENDED)
        changes = _changes(finding)
        if not changes:
            raise Invalid("Only you can tell how to mend this.", code="not_mendable")
        labels.set_labels(project=finding.project, user=user, changes=changes)


def dismiss(*, finding: Finding) -> None:
    """Keep what the finding is about as it is, and don't bring it up again.

    Raises:
        Conflict: it was dealt with already.
    """
    with transaction.atomic():
        _close(finding, Finding.State.DISMISSED)


def _close(finding: Finding, state: Finding.State) -> None:
    mine = Finding.objects.filter(pk=finding.pk, state=Finding.State.OPEN)
    if not mine.update(state=state):
        raise Conflict("This was dealt with already.", code="finding_closed")
    events.publish_on_commit(finding.project_id, "care")


def _of_labels(project: Project, lesson: lessons.Lesson, known_by: str) -> list[Finding]:
    vectors = near.kept_near(project.pk, known_by)
    ids = lesson.learned.image_ids
    concerns = care.inspect(
        vectors.of(ids),
        lesson.learned.labels,
        lesson.learned.groups,
        is_exclusive=project.exclusive,
    )
    concepts = [concept_id for concept_id, _ in lesson.concepts]
    return [
        Finding(
            project=project,
            kind=concern.kind,
            image_id=None if concern.row is None else ids[concern.row],
            other_id=None if concern.other is None else ids[concern.other],
            concept_id=concepts[concern.concept],
            suggested_id=None if concern.suggested is None else concepts[concern.suggested],
            score=concern.score,
            gain=concern.gain,
        )
        for concern in concerns
    ]


def _of_pictures(project: Project, lesson: lessons.Lesson) -> list[Finding]:
    """Find examples that are bad pictures."""
    shown = Image.objects.filter(
        project=project, pk__in=lesson.learned.image_ids, sharpness__isnull=False
    )
    fields = ("brightness", "contrast", "sharpness", "width", "height")
    found = []
    for row in shown.values("pk", *fields):
        kind = care.fault(**{name: row[name] for name in fields})
        if kind:
            found.append(Finding(project=project, kind=kind, image_id=row["pk"], score=1.0))
    return found


def _replace(project: Project, found: Iterable[Finding]) -> None:
    """Leave out what was dismissed, and of each kind more than anyone looks at."""
    settled = Finding.objects.filter(project=project, state=Finding.State.DISMISSED)
    known = {_key(finding) for finding in settled}
    Finding.objects.filter(project=project, state=Finding.State.OPEN).delete()
    counts: dict[str, int] = {}
    kept = []
    for finding in found:
        counts[finding.kind] = counts.get(finding.kind, 0) + 1
        if counts[finding.kind] <= _MOST_OF_A_KIND and _key(finding) not in known:
            kept.append(finding)
    living = set(
        Image.objects.filter(
            pk__in={i for f in kept for i in (f.image_id, f.other_id) if i is not None}
        ).values_list("pk", flat=True)
    )
    Finding.objects.bulk_create([f for f in kept if {f.image_id, f.other_id} - {None} <= living])


def _key(finding: Finding) -> _Key:
    return finding.kind, finding.image_id, finding.other_id, finding.concept_id


def _changes(finding: Finding) -> list[Change]:
    image_id = finding.image_id
    if image_id is None:
        return []
    said = {
        label.concept.name: label.is_positive
        for label in Label.objects.filter(image=image_id).select_related("concept")
    }
    concept = finding.concept.name if finding.concept else ""
    if finding.kind == Finding.Kind.WRONG_LABEL:
        if finding.suggested:
            return [
                Change(image_id, concept, None),
                Change(image_id, finding.suggested.name, is_positive=True),
            ]
        return [Change(image_id, concept, is_positive=not said.get(concept, False))]
    if finding.kind == Finding.Kind.CONFLICT and finding.other_id:
        same = Label.objects.filter(image=finding.other_id).select_related("concept")
        taken_back = [Change(image_id, name, None) for name in said]
        return taken_back + [Change(image_id, one.concept.name, one.is_positive) for one in same]
    if finding.kind == Finding.Kind.OUTLIER:
        return [Change(image_id, concept, None)]
    return [Change(image_id, name, None) for name in said]
