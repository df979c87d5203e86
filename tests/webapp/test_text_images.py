"""Free text through a text-image model where one is in use, and through tags where not."""

import numpy as np
import pytest

from tests import text_image_models
from tests.factories import EmbeddingFactory, ImageFactory, ImageTagFactory, picture
from webapp.errors import Busy, Invalid
from webapp.learning import text_images as model
from webapp.models import Embedding, Job, TextDirection
from webapp.selectors import gallery, searches
from webapp.selectors.listings import Query
from webapp.services import asking, embedding, shifts, text_images
from webapp.services import searches as search_services
from webapp.services.writing import padded
from webapp.tasks import index

pytestmark = pytest.mark.django_db
DOG_TAG = 2084071


@pytest.fixture(scope="module")
def name(tmp_path_factory):
    return text_image_models.write(tmp_path_factory.mktemp("model"))


@pytest.fixture
def off(settings):
    settings.TEXT_IMAGE_MODEL = ""


@pytest.fixture
def on(settings, name, monkeypatch):
    settings.TEXT_IMAGE_MODEL = name
    kept = (model.fingerprint, model.model)
    for one in kept:
        one.cache_clear()
    monkeypatch.setattr(index, "run", lambda: None)
    # In this process, what the serve worker does.
    monkeypatch.setattr(asking, "ask", lambda _, texts, **__: text_images.read_texts(texts))
    yield
    for one in kept:
        one.cache_clear()


def lying(image, text, share):
    """Let an image lie where a text points, more or less."""
    known = TextDirection.objects.filter(text=text).first()
    direction = np.asarray(known.vector) if known else padded(model.direction(text).vector)
    aside = np.zeros_like(direction)
    aside[-1] = 1.0
    vector = share * direction + np.sqrt(1 - share**2) * aside
    EmbeddingFactory(image=image, fingerprint=model.fingerprint(), vector=vector)
    return image


def found(project, query):
    text_images.prepare(query)
    return [item.filename for item in gallery.page(project, Query(q=query)).items]


@pytest.mark.usefixtures("on")
class TestPictures:
    def test_are_embedded_beside_what_learning_needs(self, project, monkeypatch):
        monkeypatch.setattr(embedding, "read", lambda image: picture(seed=image.pk))
        monkeypatch.setattr(shifts, "_SHIFT_SECONDS", 600)
        images = ImageFactory.create_batch(5, project=project)
        EmbeddingFactory(image=images[0])
        text_images.want(project.pk)
        index.embed_for_texts()
        mine = Embedding.objects.filter(fingerprint=model.fingerprint())
        assert set(mine.values_list("image_id", flat=True)) == {image.pk for image in images}
        assert Embedding.objects.count() == 6
        assert Job.objects.get(kind=Job.Kind.TEXT_IMAGE).state == Job.State.SUCCEEDED

    def test_that_were_there_before_the_model_are_wanted_too(self, project):
        ImageFactory(project=project)
        text_images.want_missing()
        assert Job.objects.get(kind=Job.Kind.TEXT_IMAGE).subject_id == project.pk

    def test_wait_until_nobody_waits_for_other_work(self, project):
        ImageFactory(project=project)
        text_images.want(project.pk)
        [job] = Job.objects.filter(kind=Job.Kind.TEXT_IMAGE)
        Job.objects.create(project=project, kind=Job.Kind.TEACH, subject_id=project.pk)
        index.embed_for_texts()
        job.refresh_from_db()
        assert (job.state, job.total) == (Job.State.QUEUED, 1)
        assert not Embedding.objects.exists()

    def test_are_told_to_be_in_want_of_a_package(self, project, monkeypatch):
        def missing():
            raise Invalid("A text-image model needs another package.", code="package_missing")

        monkeypatch.setattr(model, "model", missing)
        text_images.want(project.pk)
        index.embed_for_texts()
        job = Job.objects.get(kind=Job.Kind.TEXT_IMAGE)
        assert (job.state, job.error_code) == (Job.State.FAILED, "package_missing")


@pytest.mark.usefixtures("on")
class TestWords:
    def test_find_what_the_model_sees_the_best_first(self, project):
        for filename, share in (("fits.jpg", 0.5), ("fits well.jpg", 0.9), ("not.jpg", -0.5)):
            lying(ImageFactory(project=project, filename=filename), "dog", share)
        assert found(project, "dog") == ["fits well.jpg", "fits.jpg"]
        assert found(project, "-dog") == ["not.jpg"]

    def test_that_stand_together_are_one_sentence(self, project):
        lying(ImageFactory(project=project, filename="a.jpg"), "dog on beach", 0.9)
        assert found(project, "dog on beach taken:2024") == []
        assert found(project, "dog on beach status:ready") == ["a.jpg"]
        assert TextDirection.objects.get().text == "dog on beach"

    def test_find_what_people_wrote_before_what_is_seen(self, project):
        ImageFactory(project=project, filename="my dog.jpg")
        lying(ImageFactory(project=project, filename="seen.jpg"), "dog", 0.9)
        assert found(project, "dog") == ["my dog.jpg", "seen.jpg"]

    def test_need_no_tags(self, project):
        ImageTagFactory(image=ImageFactory(project=project), tag=DOG_TAG, probability=0.9)
        assert found(project, "dog") == []

    def test_are_read_once(self, project, monkeypatch):
        text_images.prepare("dog")
        monkeypatch.setattr(asking, "ask", None)
        text_images.prepare("dog")

    def test_of_a_saved_search_are_counted(self, project, user):
        lying(ImageFactory(project=project), "dog", 0.9)
        search_services.save(project=project, user=user, name="Dogs", query="dog")
        assert [one.count for one in searches.counted(project)] == [1]


@pytest.fixture
def unanswered(monkeypatch):
    """How long was waited, each time that a worker was asked who is not there."""
    waits = []

    def ask(_, *, patience_seconds=asking.TIMEOUT_SECONDS, **__):
        waits.append(patience_seconds)
        raise Busy("Nobody is there.")

    monkeypatch.setattr(asking, "ask", ask)
    return waits


@pytest.mark.usefixtures("on")
class TestWhileNoWorkerAnswersWords:
    def test_find_tags(self, project, unanswered):
        image = ImageFactory(project=project, filename="tagged.jpg")
        ImageTagFactory(image=image, tag=DOG_TAG, probability=0.9)
        assert found(project, "dog") == ["tagged.jpg"]

    def test_hold_a_thread_for_seconds_and_once(self, unanswered):
        assert [text_images.prepare(text) for text in ("dog", "cat", "red car")] == [False] * 3
        assert len(unanswered) == 1
        assert unanswered[0] <= 5

    def test_are_said_to_be_looked_for_as_words_alone(self, project, user, client, unanswered):
        client.force_login(user)
        address = f"/api/v1/projects/{project.pk}/images"
        told = [client.get(address, {"q": q}).json()["words_only"] for q in ("dog", "")]
        assert told == [True, False]

    def test_that_were_read_before_find_what_is_seen(self, project, unanswered):
        lying(ImageFactory(project=project, filename="seen.jpg"), "dog", 0.9)
        text_images.read_texts(["dog"])
        assert text_images.prepare("dog")
        assert found(project, "dog") == ["seen.jpg"]
        assert not unanswered


@pytest.mark.usefixtures("off")
def test_without_a_model_words_find_tags_and_nothing_is_asked(project, monkeypatch):
    monkeypatch.setattr(asking, "ask", None)
    image = ImageFactory(project=project, filename="tagged.jpg")
    ImageTagFactory(image=image, tag=DOG_TAG, probability=0.9)
    text_images.want(project.pk)
    text_images.want_missing()
    assert found(project, "dog") == ["tagged.jpg"]
    assert not Job.objects.exists()
