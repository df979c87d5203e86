"""Searching over the API: by words, by pictures, by parts of them; searches that are kept."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from django.db.models.functions import Now
from PIL import Image as Pillow

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    ImageTagFactory,
    encoded,
    jpeg,
    picture,
)
from tests.webapp.test_api import Api, error_of
from tests.webapp.test_teaching import all_indexed, upload, wait_for
from webapp import learning
from webapp.learning import general
from webapp.models import Image, ImageTag, Job
from webapp.services import indexing, jobs


@pytest.fixture
def api(user):
    return Api(user)


@pytest.mark.django_db
class TestWords:
    def test_the_gallery_takes_a_query(self, api, project):
        ImageFactory(project=project, filename="garden.jpg")
        ImageFactory(project=project, filename="street.jpg")
        answer = api("get", f"/projects/{project.pk}/images?q=garden").json()
        assert [item["filename"] for item in answer["items"]] == ["garden.jpg"]
        assert answer["total"] == 1

    def test_a_bad_query_says_where_it_is_bad(self, api, project):
        response = api("get", f"/projects/{project.pk}/images?q=dog%20lable:rex")
        assert error_of(response) == (422, "bad_query")
        assert response.json()["error"]["details"] == {"position": 4, "length": 5}

    def test_completions_of_concepts_tags_and_keys(self, api, project):
        ConceptFactory(project=project, name="Dora the dog")

        def complete(text):
            answer = api("get", f"/projects/{project.pk}/search/completions?text={text}")
            return {(one["kind"], one["insert"]) for one in answer.json()["items"]}

        assert {("concept", 'is:"Dora the dog"'), ("tag", "tag:dog")} <= complete("do")
        assert ("concept", '-label:"Dora the dog"') in complete("-label:d")
        assert ("key", "taken:") in complete("ta")

    def test_a_note_is_kept_and_found(self, api, project):
        image = ImageFactory(project=project)
        path = f"/projects/{project.pk}/images/{image.pk}"
        assert api("patch", path, {"note": "Behind the house"}).json()["note"] == "Behind the house"
        assert api("get", f"/projects/{project.pk}/images?q=house").json()["total"] == 1
        assert error_of(api("patch", path, {"note": "x" * 5001})) == (422, "note_too_long")

    def test_a_note_written_while_its_picture_is_read_is_found(
        self, api, project, user, monkeypatch
    ):
        [image] = upload(project, user, ("rex.jpg", jpeg()))
        tag = SimpleNamespace(vector=np.eye(1, learning.dimensions(), dtype=np.float32)[0], tags=[])

        def describe(pictures):
            path = f"/projects/{project.pk}/images/{image.pk}"
            api("patch", path, {"note": "Behind the house"})
            return dict.fromkeys(pictures, tag)

        monkeypatch.setattr(learning, "describe", describe)
        indexing.index(jobs.claim(kind=Job.Kind.INDEX))
        for word in ("house", "rex"):
            assert api("get", f"/projects/{project.pk}/images?q={word}").json()["total"] == 1

    def test_a_picture_comes_with_its_tags(self, api, project):
        image = ImageFactory(project=project)
        dog = general.find_tags("dog", typos=False)[0]
        ImageTagFactory(image=image, tag=dog, probability=0.8)
        answer = api("get", f"/projects/{project.pk}/images/{image.pk}").json()
        assert answer["tags"] == [{"name": "dog", "probability": 0.8}]


@pytest.mark.django_db
class TestLikeness:
    def test_like_these_but_not_those(self, api, project):
        embedded = [
            EmbeddingFactory(image=ImageFactory(project=project), group=group).image_id
            for group in (1, 1, 1, 2, 2)
        ]
        body = {"like": embedded[:2], "unlike": [embedded[3]]}
        found = api("post", f"/projects/{project.pk}/search", body).json()["items"]
        assert next(item["id"] for item in found) == embedded[2]
        assert not {item["id"] for item in found} & set(embedded[:2])

    @pytest.mark.parametrize(
        "body",
        [{}, {"image": 1, "like": [1]}, {"region": {"image": 1, "box": [0.5, 0, 0.5, 1]}}],
    )
    def test_what_makes_no_sense_is_refused(self, api, project, body):
        assert error_of(api("post", f"/projects/{project.pk}/search", body)) == (422, "invalid")

    def test_pictures_of_other_projects_are_not_there(self, api, project):
        other = EmbeddingFactory(image=ImageFactory()).image_id
        response = api("post", f"/projects/{project.pk}/search", {"like": [other]})
        assert error_of(response) == (404, "image_not_found")


@pytest.mark.django_db
class TestSavedSearches:
    def test_are_made_counted_changed_and_removed(self, api, project):
        ImageFactory(project=project, filename="garden.jpg")
        path = f"/projects/{project.pk}/searches"
        made = api("post", path, {"name": "Gardens", "query": "garden"})
        assert made.status_code == 201
        one = f"{path}/{made.json()['id']}"
        assert api("patch", one, {"query": "street"}).json()["query"] == "street"
        [listed] = api("get", path).json()["items"]
        assert (listed["name"], listed["count"]) == ("Gardens", 0)
        assert api("delete", one).status_code == 204
        assert api("get", path).json()["items"] == []

    def test_one_that_makes_no_sense_is_refused(self, api, project):
        path = f"/projects/{project.pk}/searches"
        refused = api("post", path, {"name": "Odd", "query": "is:nobody"})
        assert error_of(refused) == (422, "bad_query")


@pytest.mark.usefixtures("transactional_db")
class TestIndexing:
    def test_a_picture_is_described_and_a_part_of_it_found(self, worker, api, project, user):
        disc = picture("gold", shape="disc", seed=1)
        square = picture("tomato", shape="square", seed=2)
        both = Pillow.new("RGB", (640, 240))
        both.paste(disc, (0, 0))
        both.paste(square, (320, 0))
        exif = both.getexif()
        exif.get_ifd(0x8769)[0x9003] = "2024:06:21 12:30:00"
        files = [(f"{n}.jpg", encoded(one)) for n, one in enumerate((disc, square))]
        upload(project, user, *files, ("both.jpg", encoded(both, exif=exif)))
        wait_for(project, all_indexed(project))
        images = {image.filename: image for image in Image.objects.all()}
        assert images["both.jpg"].taken_at == datetime(2024, 6, 21, 12, 30, tzinfo=UTC)
        assert images["0.jpg"].is_described
        assert images["0.jpg"].hash != images["1.jpg"].hash
        for box, name in (([0, 0, 0.5, 1], "0.jpg"), ([0.5, 0, 1, 1], "1.jpg")):
            body = {"region": {"image": images["both.jpg"].pk, "box": box}}
            found = api("post", f"/projects/{project.pk}/search", body).json()["items"]
            assert next(i["filename"] for i in found if i["filename"] != "both.jpg") == name

    def test_pictures_from_before_there_were_tags_are_read_again(self, worker, project, user):
        [image] = upload(project, user, ("1.jpg", encoded(picture("gold", shape="disc"))))
        wait_for(project, all_indexed(project))
        ImageTag.objects.all().delete()
        Image.objects.update(is_described=False, hash=None, words=None)
        indexing.describe_more()
        wait_for(project, lambda: Image.objects.filter(is_described=True).exists())
        image.refresh_from_db()
        assert image.hash is not None
        assert image.words

    def test_many_given_pictures_cost_no_query_each(
        self, api, project, django_assert_max_num_queries
    ):
        images = ImageFactory.create_batch(40, project=project)
        for image in images:
            EmbeddingFactory(image=image)
        ids = [image.pk for image in images]
        with django_assert_max_num_queries(30):
            answer = api("post", f"/projects/{project.pk}/search", {"like": ids})
        assert answer.status_code == 200


@pytest.mark.django_db
def test_one_that_can_not_be_read_again_is_tried_no_more(project):
    broken, good = ImageFactory.create_batch(2, project=project, is_described=False)
    indexing.describe_more()
    assert set(Job.objects.values_list("subject_id", flat=True)) == {broken.pk, good.pk}
    Job.objects.filter(subject_id=broken.pk).update(state="failed", finished_at=Now())
    Job.objects.filter(subject_id=good.pk).delete()
    indexing.describe_more()
    assert Job.objects.get(state="queued").subject_id == good.pk
