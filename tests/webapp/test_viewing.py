"""Labelled pictures are looked at more closely when nobody waits, and learned with that."""

from types import SimpleNamespace

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.factories import ConceptFactory, JobFactory, VersionFactory, jpeg
from tests.webapp.taught import claimed, examples, teach
from tests.webapp.test_api import Api
from webapp import learning
from webapp.errors import Invalid
from webapp.models import Draft, Job, Version, Views
from webapp.selectors import vectors as vector_selectors
from webapp.services import drafting, jobs, labels, reasons, shifts, viewing

pytestmark = pytest.mark.django_db


@pytest.fixture
def rex(project, monkeypatch):
    """Three pictures of a concept, whose files are there; no network looks at them."""
    views = np.ones((2, learning.dimensions()), np.float32)
    for module in (learning, learning.networks):
        monkeypatch.setattr(module, "embedder", lambda: SimpleNamespace(min_side=300))
    monkeypatch.setattr(learning, "embed_views", lambda pictures: dict.fromkeys(pictures, views))
    monkeypatch.setattr(shifts, "_SHIFT_SECONDS", 600)
    images = examples(project, "Rex", 3, group=1)
    for image in images:
        default_storage.save(image.original, ContentFile(jpeg("red", shape="disc")))
    return images


def look_closer(project, user):
    job = claimed(project, user, Job.Kind.VIEW)
    viewing.look_closer(job)
    job.refresh_from_db()
    return job


def add_views(images):
    """Give pictures views that differ from them as their vectors do from each other."""
    near = vector_selectors.of_project(images[0].project_id, learning.fingerprint())
    for row, image in zip(near.rows_of([i.pk for i in images]), images, strict=True):
        two = np.stack([near.matrix[row], np.roll(near.matrix, 1, axis=0)[row]])
        Views.objects.create(
            image=image,
            fingerprint=learning.fingerprint(),
            vectors=two.astype("<f2").tobytes(),
        )


def test_labelled_pictures_get_views(project, user, rex):
    assert look_closer(project, user).state == Job.State.SUCCEEDED
    views = vector_selectors.views_of([image.pk for image in rex], learning.fingerprint())
    assert views.shape == (3, 2, learning.dimensions())


def test_a_label_wants_views(project, user, rex):
    change = labels.Change(image_id=rex[0].pk, concept="Rex", is_positive=None)
    labels.set_labels(project=project, user=user, changes=[change])
    assert Job.objects.get(kind=Job.Kind.VIEW).is_background


def test_pictures_kept_for_testing_get_none(project, user, rex):
    examples(project, "Rex", 1, group=1, is_test=True)
    look_closer(project, user)
    assert {views.image_id for views in Views.objects.all()} == {image.pk for image in rex}


@pytest.mark.parametrize("kind", [Job.Kind.INDEX, Job.Kind.TEACH, Job.Kind.DRAFT])
def test_it_stands_back_while_somebody_waits(project, user, rex, kind):
    JobFactory(kind=kind)
    job = look_closer(project, user)
    assert (job.state, job.attempts) == (Job.State.QUEUED, 0)
    assert not Views.objects.exists()


def test_it_goes_on_at_once_after_a_shift(project, user, rex, monkeypatch):
    monkeypatch.setattr("webapp.services.shifts._SHIFT_SECONDS", -1)
    look_closer(project, user)
    assert jobs.claim(kind=Job.Kind.VIEW)


def test_a_picture_that_cannot_be_read_keeps_the_others_from_nothing(project, user, rex):
    default_storage.delete(rex[0].original)
    default_storage.save(rex[1].original, ContentFile(b"broken"))
    assert look_closer(project, user).state == Job.State.SUCCEEDED
    assert Views.objects.filter(image=rex[2]).exists()


def test_a_picture_that_takes_whole_shifts_and_gives_nothing_comes_once(
    project, user, rex, monkeypatch
):
    clock = [0]

    def decode(file, **_):
        clock[0] += 12
        if file.name.endswith(rex[0].original):
            raise Invalid("It never ends.")

    monkeypatch.setattr(viewing, "_BATCH_A_STREAM", 1)
    monkeypatch.setattr(shifts, "_SHIFT_SECONDS", 4)
    monkeypatch.setattr(shifts, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(learning, "decode", decode)
    job = claimed(project, user, Job.Kind.VIEW)
    while job.state == Job.State.RUNNING and clock[0] < 100:
        viewing.look_closer(job)
        Job.objects.filter(pk=job.pk).update(available_at=job.created_at)
        job = next(iter(jobs.claim(kind=Job.Kind.VIEW)), Job.objects.get(pk=job.pk))
    assert (job.state, clock[0]) == (Job.State.SUCCEEDED, 12 * len(rex))
    assert {views.image_id for views in Views.objects.all()} == {image.pk for image in rex[1:]}


def test_too_many_pictures_get_none(project, user, rex, monkeypatch):
    monkeypatch.setattr(learning, "most_viewed", lambda: 2)
    look_closer(project, user)
    assert not Views.objects.exists()


def test_a_version_says_how_many_it_learned_with_views(project, user):
    [only] = examples(project, "Rex", 1, group=1)
    assert teach(project, user).evaluation["viewed"] == 0
    add_views([only])
    assert teach(project, user).evaluation["viewed"] == 1


def test_views_are_not_read_where_a_fit_leaves_them_aside(project, user, monkeypatch):
    add_views(examples(project, "Rex", 2, group=1))
    monkeypatch.setattr(learning, "most_viewed", lambda: 1)

    def read(*_):
        raise AssertionError("views were read")

    monkeypatch.setattr(vector_selectors, "views_of", read)
    assert teach(project, user).evaluation["viewed"] == 0


def test_views_of_another_backbone_are_not_learned(project, user):
    add_views(examples(project, "Rex", 1, group=1))
    Views.objects.update(fingerprint="another")
    assert teach(project, user).evaluation["viewed"] == 0


def test_what_is_shown_is_learned_again_once_views_are_there(project, user, rex):
    project.version = VersionFactory(project=project, labels_revision=0)
    project.labels_revision = 1
    project.save()
    drafting.draft(claimed(project, user, Job.Kind.DRAFT))
    assert Draft.objects.filter(project=project).exists()
    look_closer(project, user)
    assert Job.objects.filter(kind=Job.Kind.DRAFT, state=Job.State.QUEUED).exists()


def test_views_that_came_after_training_are_shown_until_it_is_trained_again(project, user):
    [only] = examples(project, "Rex", 1, group=1)
    teach(project, user)
    drafting.draft(claimed(project, user, Job.Kind.DRAFT))
    assert not Draft.objects.exists(), "it says what the version says"
    add_views([only])
    drafting.draft(claimed(project, user, Job.Kind.DRAFT))
    shown = Api(user)("get", f"/projects/{project.pk}/summary").json()["draft"]
    assert (shown["closer_look"], shown["evaluation"]["viewed"]) == (True, 1)
    teach(project, user)
    assert not Draft.objects.exists()


def test_a_refined_version_is_not_looked_past(project, user):
    [only] = examples(project, "Rex", 1, group=1)
    version = teach(project, user)
    Version.objects.filter(pk=version.pk).update(refinement={"steps": 1})
    add_views([only])
    drafting.draft(claimed(project, user, Job.Kind.DRAFT))
    assert not Draft.objects.exists()


def test_reasons_add_up_with_views_and_with_those_that_are_gone(project, user):
    rex = ConceptFactory(project=project, name="Rex")
    images = [*examples(project, "Rex", 1, group=1), *examples(project, "Tom", 1, group=2)]
    add_views(images)
    version = teach(project, user)

    def parts():
        return reasons.worked_out(
            image_id=images[0].pk, concept_id=rex.pk, version_id=version.pk, most=5
        )

    whole = parts()
    assert whole["deleted"] == pytest.approx(0, abs=2e-2)
    Views.objects.filter(image=images[0]).delete()
    rest = parts()
    assert rest["score"] == whole["score"]
    assert rest["deleted"] > 0.05
