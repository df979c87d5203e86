"""The API: who may call it, what it answers, and what it says when it can't."""

import json

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
    UserFactory,
    jpeg,
)
from webapp.api import api as api_v1
from webapp.models import ApiToken, Image, Job, Label, Project
from webapp.services import accounts

pytestmark = pytest.mark.django_db


class Api:
    """Calls the API with a token, as a program would."""

    def __init__(self, user):
        _, key = accounts.create_token(user=user, name="test")
        self._client = Client(headers={"Authorization": f"Bearer {key}"})

    def __call__(self, method, path, body=None, **more):
        if body is not None:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self._client, method)(f"/api/v1{path}", **more)

    def upload(self, path, *files, **fields):
        sent = [SimpleUploadedFile(name, data) for name, data in files]
        return self._client.post(f"/api/v1{path}", {"file": sent, **fields})


@pytest.fixture
def api(user):
    return Api(user)


@pytest.mark.django_db
def test_a_number_that_is_no_pictures_is_refused(api, project):
    answer = api("post", f"/projects/{project.pk}/predict", {"images": [2**63]})
    assert error_of(answer) == (422, "invalid")


def error_of(response):
    return response.status_code, response.json()["error"]["code"]


class TestWhoMayCall:
    def test_nobody_without_a_token(self, client):
        assert error_of(client.get("/api/v1/projects")) == (401, "not_signed_in")

    def test_nobody_with_a_wrong_one(self):
        client = Client(headers={"Authorization": "Bearer pupil_wrong"})
        assert error_of(client.get("/api/v1/projects")) == (401, "not_signed_in")

    def test_only_a_hash_of_a_token_is_kept(self, user):
        token, key = accounts.create_token(user=user, name="test")
        kept = ApiToken.objects.values().get(pk=token.pk)
        assert key not in map(str, kept.values())
        assert accounts.token_of_key(key) == token

    def test_a_revoked_token_is_no_use(self, user):
        token, key = accounts.create_token(user=user, name="test")
        accounts.revoke_token(user=user, token_id=token.pk)
        assert accounts.token_of_key(key) is None

    def test_a_page_needs_its_csrf_token_to_change_things(self, user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        sent = {"data": '{"name": "Dogs"}', "content_type": "application/json"}
        refused = client.post("/api/v1/projects", **sent)
        assert error_of(refused) == (403, "forbidden")
        assert "Reload it" in refused.json()["error"]["message"]
        client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
        response = client.post("/api/v1/projects", **sent, headers={"X-CSRFToken": "a" * 32})
        assert response.status_code == 201

    def test_a_stranger_finds_no_such_project(self, project):
        """Every address with a project in it is tried, so that none can be forgotten."""
        image, concept = ImageFactory(project=project), ConceptFactory(project=project)
        ids = {"project_id": project.pk, "image_id": image.pk, "concept_id": concept.pk}
        ids |= {"search_id": 1, "finding_id": 1}
        stranger = Api(UserFactory())
        tried = 0
        for path, methods in api_v1.get_openapi_schema()["paths"].items():
            if "{project_id}" not in path:
                continue
            for method in methods:
                address = path.removeprefix("/api/v1").format(**ids, number=1)
                body = {"name": "x", "query": "", "labels": [], "urls": [], "image": image.pk}
                body |= {"images": [image.pk], "concept": "x", "value": "positive"}
                body |= {"threshold": 0.5}
                response = stranger(method, address, None if method == "get" else body)
                assert error_of(response) == (404, "project_not_found"), f"{method} {path}"
                tried += 1
        assert tried >= 18
        assert Project.objects.filter(erased_at=None).exists()
        assert Image.objects.filter(pk=image.pk).exists()

    def test_nor_does_a_stranger_see_its_pictures(self, project):
        image = ImageFactory(project=project)
        client = Client()
        client.force_login(UserFactory())
        for rendition in ("original", "thumbnail", "display"):
            response = client.get(f"/media/{project.pk}/{image.sha256}/{rendition}")
            assert error_of(response) == (404, "image_not_found")


class TestProjects:
    def test_made_listed_renamed_erased(self, api):
        made = api("post", "/projects", {"name": "Dogs"})
        assert (made.status_code, made.json()["name"]) == (201, "Dogs")
        path = f"/projects/{made.json()['id']}"
        assert api("patch", path, {"name": "My dogs"}).json()["name"] == "My dogs"
        assert [item["name"] for item in api("get", "/projects").json()["items"]] == ["My dogs"]
        assert api("delete", path).status_code == 204
        assert error_of(api("get", path)) == (404, "project_not_found")
        assert Job.objects.get().kind == "erase"

    def test_listing_takes_no_query_per_project(self, api, user, django_assert_max_num_queries):
        for _ in range(10):
            ImageFactory(project=ProjectFactory(owner=user))
        with django_assert_max_num_queries(3):
            assert len(api("get", "/projects").json()["items"]) == 10


class TestImages:
    def test_uploaded_with_a_concept(self, api, project):
        response = api.upload(
            f"/projects/{project.pk}/images",
            ("rex.jpg", jpeg()),
            ("bad.jpg", b"no"),
            concept=["Rex"],
        )
        assert response.status_code == 201
        [image], [error] = response.json()["images"], response.json()["errors"]
        assert image["filename"] == "rex.jpg"
        assert (image["status"], image["duplicate"], image["width"]) == ("pending", False, 320)
        assert (error["filename"], error["code"]) == ("bad.jpg", "not_an_image")
        assert Label.objects.get().concept.name == "Rex"

    def test_a_concept_that_is_refused_costs_no_picture(self, api, project):
        path = f"/projects/{project.pk}/images"
        response = api.upload(path, ("rex.jpg", jpeg()), concept=["x" * 101])
        assert error_of(response) == (422, "name_too_long")
        assert not Image.objects.exists()

    def test_no_file_is_told(self, api, project):
        response = api.upload(f"/projects/{project.pk}/images")
        assert error_of(response) == (422, "file_missing")

    def test_listed_with_labels_and_predictions(self, api, project):
        image = ImageFactory(project=project)
        rex = ConceptFactory(project=project, name="Rex")
        LabelFactory(image=image, concept=rex)
        PredictionFactory(image=image, concept=rex, probability=0.75)
        page = api("get", f"/projects/{project.pk}/images?concept=rex&min_probability=0.5").json()
        assert page["total"] == 1
        assert page["next_cursor"] is None
        counted = api("get", f"/projects/{project.pk}/images/count?concept=rex&min_probability=0.8")
        assert counted.json() == {"count": 0}
        [item] = page["items"]
        assert item["labels"] == [{"concept": "Rex", "value": "positive"}]
        assert item["predictions"] == [{"concept": "Rex", "probability": 0.75, "present": True}]

    def test_removed(self, api, project):
        image = ImageFactory(project=project)
        path = f"/projects/{project.pk}/images/{image.pk}"
        assert api("delete", path).status_code == 204
        assert error_of(api("get", path)) == (404, "image_not_found")

    def test_an_address_inside_the_network_is_not_fetched(self, api, project):
        response = api(
            "post", f"/projects/{project.pk}/images", {"urls": ["http://127.0.0.1/a.jpg", "ftp:x"]}
        )
        codes = [error["code"] for error in response.json()["errors"]]
        assert (response.status_code, codes) == (201, ["private_url", "bad_url"])


class TestLabels:
    def test_set_and_taken_back(self, api, project):
        image = ImageFactory(project=project)
        path = f"/projects/{project.pk}/labels"
        for value, count in (("positive", 1), ("negative", 1), (None, 0)):
            label = {"image": image.pk, "concept": "Rex", "value": value}
            response = api("post", path, {"labels": [label]})
            assert response.json()["updated"] == 1
            assert Label.objects.count() == count

    def test_a_strange_picture_is_told(self, api, project):
        label = {"image": ImageFactory().pk, "concept": "Rex", "value": "positive"}
        response = api("post", f"/projects/{project.pk}/labels", {"labels": [label]})
        assert error_of(response) == (404, "image_not_found")


class TestTrain:
    def test_with_no_labels_it_says_what_to_do(self, api, project):
        response = api("post", f"/projects/{project.pk}/train")
        assert error_of(response) == (422, "nothing_to_learn")

    def test_without_waiting_it_answers_with_the_job(self, api, project):
        image = ImageFactory(project=project)
        LabelFactory(image=image, concept=ConceptFactory(project=project))
        response = api("post", f"/projects/{project.pk}/train")
        assert response.status_code == 202
        job = response.json()["job"]
        assert (job["kind"], job["state"]) == ("teach", "queued")
        assert api("get", f"/jobs/{job['id']}").json()["state"] == "queued"
        assert error_of(Api(UserFactory())("get", f"/jobs/{job['id']}")) == (404, "job_not_found")

    def test_pressed_twice_it_waits_once(self, api, project):
        LabelFactory(image=ImageFactory(project=project), concept=ConceptFactory(project=project))
        first, second = (api("post", f"/projects/{project.pk}/train") for _ in range(2))
        assert first.json()["job"]["id"] == second.json()["job"]["id"]

    def test_predicting_before_training_says_so(self, api, project):
        response = api.upload(f"/projects/{project.pk}/predict", ("rex.jpg", jpeg()))
        assert error_of(response) == (409, "not_trained")


class TestSearch:
    def test_pictures_that_look_alike_come_first(self, api, project):
        alike = [
            EmbeddingFactory(image=ImageFactory(project=project), group=1).image_id
            for _ in range(3)
        ]
        for group in range(2, 6):
            EmbeddingFactory(image=ImageFactory(project=project), group=group)
        EmbeddingFactory(image=ImageFactory(), group=1)
        response = api("post", f"/projects/{project.pk}/search", {"image": alike[0]})
        found = response.json()["items"]
        assert {item["id"] for item in found[:2]} == set(alike[1:])
        assert len(found) == 6
        assert found[0]["similarity"] > 0.5 > found[-1]["similarity"]


class TestErrors:
    @pytest.mark.parametrize(
        ("method", "path", "body", "told"),
        [
            ("post", "/projects", {"name": " "}, (422, "name_missing")),
            ("post", "/projects", {}, (422, "invalid")),
            ("post", "/projects", [], (422, "invalid")),
            ("get", "/projects/999999", None, (404, "project_not_found")),
            ("put", "/projects", {}, (405, "method_not_allowed")),
            ("get", "/nowhere", None, (404, "not_found")),
            ("get", f"/projects/{2**70}", None, (404, "project_not_found")),
        ],
    )
    def test_every_refusal_has_the_same_form(self, api, method, path, body, told):
        assert error_of(api(method, path, body)) == told

    def test_ids_that_no_picture_can_have(self, api, project):
        found = api("get", f"/projects/{project.pk}/images?ids={2**70},{2**63}").json()
        assert found["items"] == []

    def test_a_concept_name_with_a_nul_in_it(self, api, project):
        response = api("get", f"/projects/{project.pk}/images?concept=%00")
        assert error_of(response) == (404, "concept_not_found")

    def test_json_that_is_none(self, user):
        api = Api(user)
        response = api("post", "/projects", data="{", content_type="application/json")
        assert error_of(response)[0] in {400, 422}


class TestSummary:
    def test_all_a_page_needs_in_a_constant_number_of_queries(
        self, api, project, django_assert_max_num_queries
    ):
        images = ImageFactory.create_batch(5, project=project)
        for concept in ConceptFactory.create_batch(10, project=project):
            LabelFactory(image=images[0], concept=concept)
            PredictionFactory(image=images[1], concept=concept, probability=0.9)
        Image.objects.filter(pk=images[0].pk).update(status="failed")
        with django_assert_max_num_queries(9):
            summary = api("get", f"/projects/{project.pk}/summary").json()
        assert summary["counts"] == {"total": 5, "ready": 4, "pending": 0, "failed": 1}
        concept = summary["concepts"][0]
        assert (concept["positives"], concept["negatives"], concept["matches"]) == (1, 0, 1)
