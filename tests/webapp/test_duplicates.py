"""A message that comes twice, or after the work is done, does nothing a second time."""

import pytest

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    JobFactory,
    LabelFactory,
    ProjectFactory,
)
from webapp.models import Draft, Image, Job, Project, Version
from webapp.services import projects, teaching
from webapp.tasks import housekeeping, teach

pytestmark = pytest.mark.django_db


@pytest.fixture
def taught(user):
    """A project with something to learn."""
    project = ProjectFactory(owner=user)
    rex = ConceptFactory(project=project, name="Rex")
    for group in (0, 1) * 4:
        image = ImageFactory(project=project)
        EmbeddingFactory(image=image, group=group)
        LabelFactory(image=image, concept=rex, is_positive=group == 0, set_by=user)
    return project


def test_training(taught, user):
    teaching.start(project=taught, user=user)
    for _ in range(3):
        teach.run()
    assert Version.objects.filter(project=taught).count() == 1


def test_drafts(taught, user):
    teaching.start(project=taught, user=user)
    teach.run()
    projects.note_labels_changed(project_id=taught.pk)
    for _ in range(3):
        teach.draft()
    assert Draft.objects.filter(project=taught).count() == 1
    assert Job.objects.filter(kind=Job.Kind.DRAFT, state="succeeded").count() == 1


def test_erasing(taught, user):
    projects.erase(project=taught, user=user)
    for _ in range(3):
        housekeeping.erase()
    assert not Project.objects.filter(pk=taught.pk).exists()


def test_a_long_project_is_erased_in_parts(taught, user, monkeypatch):
    monkeypatch.setattr(projects, "_ERASED_AT_ONCE", 3)  # of eight
    other = EmbeddingFactory(image=ImageFactory(project=ProjectFactory())).image
    JobFactory.create_batch(4, project=taught)
    theirs = JobFactory(project=other.project)
    projects.erase(project=taught, user=user)
    housekeeping.erase()
    assert list(Image.objects.all()) == [other]
    assert list(Job.objects.all()) == [theirs]
    assert not Project.objects.filter(pk=taught.pk).exists()


def test_sweeping_where_there_is_nothing(taught):
    before = list(Job.objects.values_list())
    for _ in range(3):
        housekeeping.sweep()
    assert list(Job.objects.values_list()) == before
