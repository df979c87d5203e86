"""Another backbone is chosen: projects go on with the one they know until all is read anew."""

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.factories import EmbeddingFactory, ImageFactory, JobFactory, jpeg
from tests.webapp.taught import claimed, examples, pictures, teach
from training.backbones import BUNDLED
from webapp import learning
from webapp.errors import Conflict
from webapp.models import (
    Concept,
    Draft,
    Embedding,
    Image,
    Job,
    Label,
    Prediction,
    Project,
    Version,
    VersionEvent,
)
from webapp.selectors import backbones, search, sign_indexes
from webapp.services import (
    changeover,
    drafting,
    indexing,
    reasons,
    refining,
    serving,
    teaching,
    versions,
)
from webapp.services.sign_indexes import _large_projects

pytestmark = pytest.mark.django_db

BEFORE = BUNDLED["lite0"].fingerprint


@pytest.fixture
def choose(settings):
    """Choose a backbone, as a restart with another setting does."""

    def chosen(name):
        settings.BACKBONE = name
        for cached in (learning.fingerprint, learning.dimensions, learning.names):
            cached.cache_clear()

    yield chosen
    chosen("")


@pytest.fixture
def taught(project, user, choose):
    """A project that was trained before another backbone was chosen."""
    choose("lite0")
    examples(project, "Rex", 3, group=1)
    examples(project, "Tom", 3, group=2)
    version = teach(project, user)
    choose("")
    assert version.fingerprint == BEFORE != learning.fingerprint()
    return version


def read_anew(project, *, but=0):
    """Give pictures the vectors of the backbone that reads now."""
    for image in Image.objects.filter(project=project).order_by("pk")[but:]:
        label = Label.objects.filter(image=image).first()
        group = {"Rex": 1, "Tom": 2}[label.concept.name] if label else 1
        EmbeddingFactory(image=image, group=group)


def wanted():
    return list(
        Job.objects.filter(kind="teach", state="queued").values_list("subject_id", flat=True)
    )


def test_a_project_goes_by_what_it_was_taught_with(project, taught):
    assert backbones.in_use(project) == backbones.in_use_by(project.pk) == BEFORE
    assert backbones.to_learn_by(project) == BEFORE
    assert backbones.of_changing() == {project.pk: BEFORE}


def test_one_that_was_never_taught_goes_by_the_new_one_at_once(project):
    assert backbones.in_use_by(project.pk) == learning.fingerprint()
    assert backbones.of_changing() == {}


def test_train_waits_for_marked_pictures_that_are_just_read_anew(project, user):
    marked = examples(project, "Rex", 2, group=1)
    Embedding.objects.filter(image=marked[0]).update(fingerprint=BEFORE)
    JobFactory(project=project, kind="index", subject_id=marked[0].pk)
    with pytest.raises(teaching.StillReadingError) as caught:
        teach(project, user)
    assert (caught.value.done, caught.value.total) == (1, 2)


def test_likeness_is_found_among_all_pictures_while_few_are_read_anew(project, taught):
    read_anew(project, but=5)
    first = Image.objects.filter(project=project).earliest("pk")
    found = search.like_images(project, like=[first.pk], limit=10)
    assert len(found) == 6


def test_what_is_marked_meanwhile_is_learned_on_the_vectors_it_knows(project, user, taught):
    read_anew(project, but=5)
    before = Prediction.objects.filter(concept__project=project).count()
    late = ImageFactory(project=project)
    EmbeddingFactory(image=late, fingerprint=BEFORE, group=3)
    Label.objects.create(image=late, concept=Concept.objects.get(name="Tom"), is_positive=True)
    Project.objects.filter(pk=project.pk).update(labels_revision=9)
    drafting.draft(claimed(project, user, Job.Kind.DRAFT))
    assert Draft.objects.get(project=project).fingerprint == BEFORE
    assert Prediction.objects.filter(concept__project=project).count() == before + 2
    assert teach(project, user).fingerprint == BEFORE


def test_once_all_is_read_it_is_trained_anew_and_goes_by_that(project, user, taught):
    read_anew(project, but=1)
    changeover.go_on(project.pk)
    assert wanted() == []
    first = Image.objects.filter(project=project).earliest("pk")
    EmbeddingFactory(image=first, group=1)
    changeover.go_on(project.pk)
    changeover.go_on_everywhere()
    assert wanted() == [project.pk]
    Job.objects.filter(kind="teach").delete()
    version = teach(project, user)
    assert version.fingerprint == learning.fingerprint() == backbones.in_use_by(project.pk)
    made = VersionEvent.objects.get(number=version.number, kind=VersionEvent.Kind.MADE)
    assert made.details == {"backbone": learning.backbone()}
    changeover.go_on_everywhere()
    assert wanted() == []


def test_a_picture_that_can_no_longer_be_read_holds_nothing_up(project, taught):
    read_anew(project, but=1)
    lost = Image.objects.filter(project=project).earliest("pk")
    JobFactory(project=project, kind="index", subject_id=lost.pk, state=Job.State.FAILED)
    changeover.go_on(project.pk)
    assert wanted() == [project.pk]


def test_where_nothing_is_marked_any_more_nothing_is_trained(project, taught):
    read_anew(project)
    Label.objects.all().delete()
    changeover.go_on_everywhere()
    assert wanted() == []


def test_a_version_of_a_backbone_that_is_gone_is_told_and_replaced(project, taught):
    Version.objects.update(fingerprint="gone")
    project.refresh_from_db()
    assert backbones.in_use(project) == learning.fingerprint()
    with pytest.raises(Conflict, match="no longer here"):
        versions.check_backbone(project.version)


def test_refining_waits_until_all_is_read(project, user, taught):
    with pytest.raises(Conflict, match="Another network is reading"):
        refining.start(project=project, user=user)
    read_anew(project)
    teach(project, user)
    assert refining.start(project=project, user=user).kind == Job.Kind.REFINE


def test_vectors_stay_as_long_as_a_version_judges_by_them(project, user, taught):
    old = Embedding.objects.filter(fingerprint=BEFORE)
    read_anew(project)
    teach(project, user)
    assert old.count() == 6
    versions.delete(version=taught, user=user)
    assert not old.exists()
    assert Embedding.objects.count() == 6


def test_a_large_project_keeps_the_index_of_what_it_goes_by(project, user, taught, monkeypatch):
    monkeypatch.setattr(sign_indexes, "EXACT_UP_TO", 6)
    read_anew(project, but=2)
    assert _large_projects() == {project.pk: (BEFORE, 6)}
    for image in Image.objects.filter(project=project).order_by("pk")[:2]:
        EmbeddingFactory(image=image, group=1)
    teach(project, user)
    assert _large_projects() == {project.pk: (learning.fingerprint(), 6)}


class TestWithNetworks:
    """The backbones themselves: small pictures, but the real ones."""

    def stored(self, project, colour):
        image = ImageFactory(project=project, status=Image.Status.PENDING)
        default_storage.save(image.original, ContentFile(jpeg(colour)))
        return image

    def test_a_new_picture_is_read_by_both_and_judged_by_the_known_one(self, project, user, taught):
        image = self.stored(project, "red")
        indexing.index([claimed_for(image)])
        known_by = set(Embedding.objects.filter(image=image).values_list("fingerprint", flat=True))
        assert known_by == {BEFORE, learning.fingerprint()}
        assert Prediction.objects.filter(image=image).count() == 2

    def test_the_last_one_read_anew_has_the_project_trained(self, project, user, taught):
        read_anew(project)
        image = self.stored(project, "red")
        EmbeddingFactory(image=image, fingerprint=BEFORE)
        indexing.index([claimed_for(image)])
        assert wanted() == [project.pk]

    def test_an_old_version_answers_by_its_own_network(self, project, user, taught):
        read_anew(project)
        teach(project, user)
        image = self.stored(project, "red")
        Image.objects.filter(pk=image.pk).update(status=Image.Status.READY)
        [said] = serving.predict_images(version_id=taught.pk, image_ids=[image.pk])
        assert {concept["name"] for concept in said["concepts"]} == {"Rex", "Tom"}
        vector = Embedding.objects.get(image=image, fingerprint=BEFORE).vector
        assert np.count_nonzero(vector) <= BUNDLED["lite0"].dimensions

    def test_it_gives_its_reasons_too(self, project, user, taught):
        [image] = pictures(project, 1, group=1)
        EmbeddingFactory(image=image, fingerprint=BEFORE, group=1)
        said = reasons.worked_out(
            image_id=image.pk,
            concept_id=Concept.objects.get(name="Rex").pk,
            version_id=taught.pk,
            most=3,
        )
        assert said["pictures"][0]["pull"] > 0


def claimed_for(image):
    job = claimed(image.project, None, Job.Kind.INDEX)
    Job.objects.filter(pk=job.pk).update(subject_id=image.pk)
    job.refresh_from_db()
    return job
