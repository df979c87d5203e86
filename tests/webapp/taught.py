"""Teaches a project in the test's own process: vectors are drawn, the fit is real."""

import uuid
from typing import Any

from django.db.models.functions import Now

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    JobFactory,
    LabelFactory,
)
from webapp.models import Image, Job, Project, User, Version
from webapp.services import teaching


def examples(project: Project, name: str, count: int, *, group: int, **image: Any) -> list[Image]:
    """Make pictures that look alike, marked with a concept."""
    concept = project.concepts.filter(name=name).first() or ConceptFactory(
        project=project, name=name
    )
    images = pictures(project, count, group=group, **image)
    for picture in images:
        LabelFactory(image=picture, concept=concept)
    return images


def pictures(project: Project, count: int, *, group: int, **image: Any) -> list[Image]:
    """Make pictures that look alike."""
    images = ImageFactory.create_batch(count, project=project, **image)
    for picture in images:
        EmbeddingFactory(image=picture, group=group)
    return images


def claimed(project: Project, user: User, kind: Job.Kind) -> Job:
    """Return a job that no worker can take: it is ours already."""
    return JobFactory(
        project=project,
        kind=kind,
        subject_id=project.pk,
        state=Job.State.RUNNING,
        claim=uuid.uuid4(),
        attempts=1,
        heartbeat_at=Now(),
        created_by=user,
    )


def teach(project: Project, user: User) -> Version:
    """Train, as the worker would."""
    job = claimed(project, user, Job.Kind.TEACH)
    teaching.teach(job)
    job.refresh_from_db()
    project.refresh_from_db()
    return Version.objects.get(project=project, number=job.result["version"])


def teach_twice(project: Project, user: User) -> None:
    """Teach what Rex and Tom, who look much alike, are; the second time, that some are not Rex."""
    examples(project, "Rex", 6, group=1)
    examples(project, "Tom", 6, group=2)
    rex = project.concepts.get(name="Rex")
    odd = pictures(project, 4, group=2)
    for image in odd[:3]:
        LabelFactory(image=image, concept=rex)
    teach(project, user)
    for label in rex.labels.filter(image__in=odd):
        label.is_positive = False
        label.save()
    teach(project, user)
