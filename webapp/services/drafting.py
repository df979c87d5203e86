"""Live learning: after each change to labels, what they say already, without a version made."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.db import transaction

from webapp import events
from webapp.errors import Invalid
from webapp.models import Draft, Job, Project, Version
from webapp.selectors import backbones, near
from webapp.services import jobs, lessons, locks, scoring
from webapp.services.scoring import Scorer

if TYPE_CHECKING:
    from training.heads import FitResult

# A change that nobody sees is not worth a row.
_TOLERANCE = 0.005


def draft(job: Job) -> None:
    """Fit a draft, and let the pages show what it says."""
    started = time.perf_counter()
    project = Project.objects.select_related("version").get(pk=job.project_pk)
    known_by = backbones.in_use(project)
    try:
        lesson = lessons.read(project, fingerprint=known_by)
    except Invalid:  # the last positive label was taken back: the version's word stands
        _go_back(job)
        return
    vectors = near.kept_near(project.pk, known_by)
    result = lessons.fit(project, lesson, vectors, fingerprint=known_by)
    concepts = lessons.taught_concepts(lesson, result)
    with transaction.atomic():
        locks.hold_predictions(project.pk, is_shared=False)
        newest = Project.objects.select_related("version").get(pk=project.pk).version
        is_taught = newest is not None and newest.labels_revision >= lesson.revision
        if newest and is_taught and not _is_closer(result, newest):
            _show_version(project.pk)
        else:
            scorer = Scorer.of(result.head, concepts, newest.thresholds if newest else {})
            scoring.replace_all(project.pk, scorer, tolerance=_TOLERANCE)
            Draft.objects.update_or_create(
                project=project,
                defaults={
                    "fingerprint": known_by,
                    "head": lessons.artifact(lesson, result, vectors),
                    "concepts": concepts,
                    "evaluation": result.evaluation.to_dict(),
                    "labels_revision": lesson.revision,
                    "seconds": time.perf_counter() - started,
                },
            )
            events.publish_on_commit(project.pk, "draft", revision=lesson.revision)
        jobs.hasten(kind=Job.Kind.VIEW, project_id=project.pk)
        jobs.succeed([job])


def _is_closer(result: FitResult, version: Version) -> bool:
    """Whether a draft of the same labels learned more: views that came after the version."""
    if version.refinement or version.fingerprint != result.head.fingerprint:
        return False
    return result.evaluation.viewed > int(version.evaluation.get("viewed", 0))


def _go_back(job: Job) -> None:
    """Show the version's word again."""
    with transaction.atomic():
        locks.hold_predictions(job.project_pk, is_shared=False)
        _show_version(job.project_pk)
        jobs.succeed([job])


def _show_version(project_id: int) -> None:
    Draft.objects.filter(project=project_id).delete()
    if version := scoring.current(project_id):
        scoring.replace_all(project_id, version)
    events.publish_on_commit(project_id, "draft")
