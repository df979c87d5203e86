"""Teaches a project in the test's own process: vectors are drawn, the fit is real."""

from tests.factories import ConceptFactory, EmbeddingFactory, ImageFactory, LabelFactory
from webapp.models import Image, Job, Project, User, Version
from webapp.services import jobs, teaching


def examples(project: Project, name: str, count: int, *, group: int, **image) -> list[Image]:
    """Make pictures that look alike, marked with a concept."""
    concept = project.concepts.filter(name=name).first() or ConceptFactory(
        project=project, name=name
    )
    images = pictures(project, count, group=group, **image)
    for picture in images:
        LabelFactory(image=picture, concept=concept)
    return images


def pictures(project: Project, count: int, *, group: int, **image) -> list[Image]:
    """Make pictures that look alike."""
    images = ImageFactory.create_batch(count, project=project, **image)
    for picture in images:
        EmbeddingFactory(image=picture, group=group)
    return images


def teach(project: Project, user: User) -> Version:
    """Press Train, and do what the worker would do."""
    teaching.start(project=project, user=user)
    [job] = jobs.claim(kind=Job.Kind.TEACH)
    teaching.teach(job)
    job.refresh_from_db()
    project.refresh_from_db()
    return Version.objects.get(project=project, number=job.result["version"])
