"""The API's calls that act on many pictures at once, or ask of many before sending them."""

import pytest

from tests.factories import (
    ConceptFactory,
    ImageFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
)
from tests.webapp.test_api import Api, error_of
from webapp.models import AuditEntry, Label
from webapp.selectors import gallery

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(user):
    return Api(user)


@pytest.fixture
def at(project):
    return f"/projects/{project.pk}"


def predicted(project, concept, *probabilities):
    images = ImageFactory.create_batch(len(probabilities), project=project)
    for image, probability in zip(images, probabilities, strict=True):
        PredictionFactory(image=image, concept=concept, probability=probability)
    return images


class TestLabellingMany:
    def test_all_that_a_filter_matches(self, api, project, at):
        rex = ConceptFactory(project=project, name="Rex")
        _, high, higher = predicted(project, rex, 0.1, 0.8, 0.9)
        matching = {"concept": "Rex", "min_probability": 0.5}
        body = {"matching": matching, "concept": "Found", "value": "positive"}
        answer = api("post", f"{at}/labels/many", body).json()
        assert answer["updated"] == 2
        labels = Label.objects.filter(concept__name="Found", is_positive=True)
        assert set(labels.values_list("image", flat=True)) == {high.pk, higher.pk}

    def test_it_tells_what_was_said_before_and_changes_no_more_than_it_must(
        self, api, project, at, django_assert_max_num_queries
    ):
        rex = ConceptFactory(project=project, name="Rex")
        yes, no, none = ImageFactory.create_batch(3, project=project)
        LabelFactory(image=yes, concept=rex)
        LabelFactory(image=no, concept=rex, is_positive=False)
        ids = [yes.pk, no.pk, none.pk]
        body = {"images": ids, "concept": "rex", "value": "positive"}
        with django_assert_max_num_queries(25):
            before = api("post", f"{at}/labels/many", body).json()["before"]
        assert before == {"positive": [], "negative": [no.pk], "none": [none.pk]}
        assert Label.objects.filter(is_positive=True).count() == 3
        taken = api("post", f"{at}/labels/many", body | {"value": None}).json()["before"]
        assert taken == {"positive": ids, "negative": [], "none": []}
        assert not Label.objects.exists()

    def test_what_could_not_be_read_is_left_out(self, api, project, at):
        broken = ImageFactory(project=project, status="failed")
        body = {"images": [broken.pk], "concept": "Rex", "value": "positive"}
        assert api("post", f"{at}/labels/many", body).json()["updated"] == 0

    def test_pictures_elsewhere_are_nobodys_here(self, api, at):
        body = {"images": [ImageFactory().pk], "concept": "Rex", "value": "positive"}
        assert api("post", f"{at}/labels/many", body).json()["updated"] == 0
        assert not Label.objects.exists()

    @pytest.mark.parametrize("chosen", [{}, {"images": [1], "matching": {}}])
    def test_either_pictures_or_a_filter(self, api, at, chosen):
        body = {"concept": "Rex", "value": "positive", **chosen}
        assert error_of(api("post", f"{at}/labels/many", body)) == (422, "bad_request")


def test_deleting_goes_on_until_nothing_is_left(api, project, at, monkeypatch):
    monkeypatch.setattr(gallery, "MAX_LIMIT", 2)
    failed = ImageFactory.create_batch(3, project=project, status="failed")
    kept = ImageFactory(project=project)
    body = {"matching": {"status": "failed"}}
    assert api("post", f"{at}/images/delete", body).json() == {"deleted": 2, "left": 1}
    assert api("post", f"{at}/images/delete", body).json() == {"deleted": 1, "left": 0}
    assert list(project.images.all()) == [kept]
    deeds = AuditEntry.objects.filter(action="images.deleted", actor__isnull=False)
    assert [deed.details for deed in deeds.order_by("id")] == [{"count": 2}, {"count": 1}]
    assert len(failed) == 3


def test_files_that_are_here_are_known_by_their_checksum(api, project, at):
    here = ImageFactory(project=project)
    broken = ImageFactory(project=project, status="failed")
    elsewhere = ImageFactory(project=ProjectFactory())
    sums = [here.sha256, broken.sha256, elsewhere.sha256, "0" * 64]
    known = api("post", f"{at}/images/known", {"sha256": sums}).json()["items"]
    assert [(one["id"], one["sha256"]) for one in known] == [(here.pk, here.sha256)]


def test_a_picture_tells_who_said_what(api, project, at, user):
    image = ImageFactory(project=project, created_by=user)
    rex = ConceptFactory(project=project, name="Rex")
    LabelFactory(image=image, concept=rex, set_by=user)
    found = api("get", f"{at}/images/{image.pk}").json()
    assert found["added_by"] == user.email
    assert [(one["concept"], one["set_by"]) for one in found["label_details"]] == [
        ("Rex", user.email)
    ]


def test_the_outline_takes_the_gallerys_filter(api, project, at):
    rex = ConceptFactory(project=project, name="Rex")
    _, high = predicted(project, rex, 0.1, 0.8)
    outline = api("get", f"{at}/images/outline?concept=Rex&min_probability=0.5&sort=-probability")
    assert outline.json() == {
        "ids": [high.pk],
        "widths": [133],
        "marks": [{"at": 0, "value": "80"}],
    }


def test_ids_of_no_sensible_length_are_refused(api, at):
    refused = api("get", f"{at}/images?ids={'9' * 4500}")
    assert error_of(refused) == (422, "invalid")
