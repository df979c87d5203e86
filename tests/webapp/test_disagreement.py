"""Who says what is kept; where people say different things it shows, and an owner settles it."""

import pytest
from django.test import Client

from tests.factories import ConceptFactory, ImageFactory, ProjectFactory, UserFactory
from tests.webapp.test_api import Api, error_of
from webapp.models import Label, Membership, Opinion
from webapp.services import labels

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben():
    return UserFactory(email="ben@example.org")


@pytest.fixture
def project(user, ben):
    project = ProjectFactory(owner=user)
    Membership.objects.create(project=project, user=ben, role="labeller")
    ConceptFactory(project=project, name="Rex", name_key="rex")
    return project


@pytest.fixture
def image(project):
    return ImageFactory(project=project)


def say(project, user, *images, value):
    changes = [labels.Change(image.pk, "Rex", value) for image in images]
    labels.set_labels(project=project, user=user, changes=changes)


def found(user, project, query="is:disputed"):
    answer = Api(user)("get", f"/projects/{project.pk}/images?q={query}")
    return [one["id"] for one in answer.json()["items"]]


def detail(user, image):
    return Api(user)("get", f"/projects/{image.project_id}/images/{image.pk}").json()


def settle(user, image, value="positive"):
    body = {"concept": "Rex", "value": value}
    return Api(user)("post", f"/projects/{image.project_id}/images/{image.pk}/settle", body)


def test_the_last_word_counts_and_each_is_kept(project, image, user, ben):
    say(project, user, image, value=True)
    say(project, ben, image, value=False)
    said = {one["by"]: one["value"] for one in detail(user, image)["opinions"]}
    assert said == {user.email: "positive", ben.email: "negative"}
    (label,) = detail(user, image)["label_details"]
    assert (label["value"], label["set_by"], label["disputed"]) == ("negative", ben.email, True)


def test_pictures_in_dispute_are_found_and_no_others(project, image, user, ben):
    agreed, said_once = ImageFactory(project=project), ImageFactory(project=project)
    say(project, user, image, agreed, said_once, value=True)
    assert found(user, project) == []
    say(project, ben, image, value=False)
    say(project, ben, agreed, value=True)
    assert found(user, project) == [image.pk]
    assert len(found(user, project, "-is:disputed")) == 2


def test_marking_many_at_once_is_an_opinion_of_each(project, image, user, ben):
    say(project, user, image, value=True)
    body = {"images": [image.pk], "concept": "Rex", "value": "negative"}
    assert Api(ben)("post", f"/projects/{project.pk}/labels/many", body).status_code == 200
    assert found(user, project) == [image.pk]


def test_agreeing_about_many_at_once_is_an_opinion_too(project, image, user, ben):
    say(project, user, image, value=True)
    body = {"images": [image.pk], "concept": "Rex", "value": "positive"}
    assert Api(ben)("post", f"/projects/{project.pk}/labels/many", body).json()["updated"] == 0
    assert Label.objects.get().set_by == user
    assert Opinion.objects.count() == 2


def test_an_owner_settles_it(project, image, user, ben):
    say(project, user, image, value=True)
    say(project, ben, image, value=False)
    assert settle(user, image).status_code == 204
    assert Label.objects.get().is_positive
    assert found(user, project) == []
    say(project, user, image, value=True)  # says it again
    assert found(user, project) == []
    assert error_of(settle(user, image)) == (409, "not_disputed")


def test_who_says_otherwise_later_opens_it_again(project, image, user, ben):
    say(project, user, image, value=True)
    say(project, ben, image, value=False)
    settle(user, image)
    say(project, ben, image, value=False)
    assert found(user, project) == [image.pk]


def test_nobody_but_an_owner_settles(project, image, user, ben):
    say(project, user, image, value=True)
    say(project, ben, image, value=False)
    assert error_of(settle(ben, image)) == (403, "role_forbids")


def test_taking_back_takes_one_s_own_opinion_along(project, image, user, ben):
    say(project, user, image, value=True)
    say(project, ben, image, value=False)
    say(project, ben, image, value=None)
    assert not Label.objects.exists()
    assert list(Opinion.objects.values_list("user", flat=True)) == [user.pk]


def test_a_concept_of_that_name_is_what_is_meant(project, image, user):
    ConceptFactory(project=project, name="disputed", name_key="disputed")
    assert found(user, project) == []


def test_people_see_how_far_they_agree(project, image, user, ben, django_assert_max_num_queries):
    yes, no = ([ImageFactory(project=project) for _ in range(count)] for count in (6, 5))
    say(project, user, image, *yes, value=True)
    say(project, user, *no, value=False)
    say(project, ben, image, *no, value=False)
    say(project, ben, *yes, value=True)
    client = Client()
    client.force_login(ben)
    with django_assert_max_num_queries(14):
        page = client.get(f"/projects/{project.pk}/people/").content.decode()
    assert f"{user.email} and {ben.email}" in page
    assert "92%" in page  # 11 of 12
    assert "0.83" in page
    assert "?q=is:disputed" in page
    assert "1 photo<" in page


def test_who_works_alone_reads_nothing_of_it(project, image, user):
    say(project, user, image, value=True)
    client = Client()
    client.force_login(user)
    page = client.get(f"/projects/{project.pk}/people/").content.decode()
    assert "How far you agree" not in page
