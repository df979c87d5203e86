"""The general model answers like any other, and stands beside the projects' published versions."""

import pytest
from django.test import Client

from tests.factories import (
    ImageFactory,
    ImageTagFactory,
    ProjectFactory,
    VersionFactory,
    jpeg,
)
from tests.webapp.test_api import Api, error_of
from webapp.learning import general
from webapp.models import Version


@pytest.fixture
def api(user):
    return Api(user)


def tag(name):
    return general.find_tags(name, typos=False)[0]


@pytest.mark.django_db
class TestStoredPictures:
    def test_the_most_telling_comes_first(self, api, project):
        image = ImageFactory(project=project, filename="rex.jpg")
        for name, probability in (("animal", 0.97), ("dog", 0.9), ("beagle", 0.45)):
            ImageTagFactory(image=image, tag=tag(name), probability=probability)
        answer = api(
            "post", f"/projects/{project.pk}/predict?model=general", {"images": [image.pk]}
        )
        assert answer.json() == {
            "version": None,
            "stage": None,
            "results": [
                {
                    "image": image.pk,
                    "filename": "rex.jpg",
                    "concepts": [
                        {"name": "beagle", "probability": 0.45, "present": False},
                        {"name": "dog", "probability": 0.9, "present": True},
                        {"name": "animal", "probability": 0.97, "present": True},
                    ],
                }
            ],
            "errors": [],
        }

    def test_what_is_not_there_is_told(self, api, project):
        elsewhere = ImageFactory()
        unread = ImageFactory(project=project, is_described=False)
        body = {"images": [elsewhere.pk, unread.pk]}
        answer = api("post", f"/projects/{project.pk}/predict?model=general", body).json()
        assert answer["results"] == []
        assert [one["code"] for one in answer["errors"]] == ["image_not_found"] * 2

    def test_it_has_no_versions(self, api, project):
        path = f"/projects/{project.pk}/predict?model=general&version=1"
        assert error_of(api("post", path, {"images": [1]}))[0] == 422

    def test_a_backbone_without_one_says_so(self, api, project, monkeypatch):
        monkeypatch.setattr(general, "is_there", lambda: False)
        path = f"/projects/{project.pk}/predict?model=general"
        assert error_of(api("post", path, {"images": [1]})) == (409, "no_general_model")
        assert api("get", "/models").json()["items"] == []


@pytest.mark.django_db(transaction=True)
def test_new_pictures_are_answered_before_anything_is_taught(worker, api, project):
    path = f"/projects/{project.pk}/predict?model=general"
    answer = api.upload(path, ("a.jpg", jpeg("red", shape="disc")), ("b.jpg", b"no picture"))
    (result,), (error,) = answer.json()["results"], answer.json()["errors"]
    assert result["filename"] == "a.jpg"
    assert all(0.1 <= one["probability"] <= 1 for one in result["concepts"])
    assert error["filename"] == "b.jpg"
    assert not project.images.exists()


@pytest.mark.django_db
def test_the_gallery_of_models_holds_what_is_published_and_ones_own(api, project, user):
    VersionFactory(project=project, number=1)
    VersionFactory(project=project, number=2, stage=Version.Stage.LIVE, concepts=[{"id": 1}])
    VersionFactory(project=ProjectFactory(), stage=Version.Stage.LIVE)
    ProjectFactory(owner=user)
    items = api("get", "/models").json()["items"]
    assert [one["kind"] for one in items] == ["general", "project"]
    assert items[0]["concepts"] > 1000
    assert items[1] == {
        "kind": "project", "name": project.name, "project": project.pk, "version": 2, "concepts": 1,
    }  # fmt: skip


@pytest.mark.django_db
def test_the_list_of_projects_leads_to_the_models_one_may_try(project, user):
    concepts = [{"id": number, "name": name} for number, name in enumerate(("Rex", "Mia"))]
    VersionFactory(project=project, number=1, concepts=concepts)
    VersionFactory(project=project, number=2, stage=Version.Stage.LIVE, concepts=concepts)
    strange = VersionFactory(project=ProjectFactory(), stage=Version.Stage.LIVE)
    client = Client()
    client.force_login(user)
    page = client.get("/").content.decode()
    try_it = f'href="/projects/{project.pk}/try/'
    assert f'{try_it}?model=general"' in page
    assert f'{try_it}?version=2"' in page
    assert "version 2, published · knows Rex, Mia<" in page
    assert f'{try_it}?version=1"' not in page
    assert f"/projects/{strange.project_id}/" not in page
