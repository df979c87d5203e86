"""Valkey is away: who is in goes on, and who wants in is told to try again."""

import pytest
from django.conf import settings as configured
from django.test import Client

from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_valkey(settings):
    settings.CACHES = {"default": {**configured.CACHES["default"], "LOCATION": "unix:///nowhere"}}


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("page", ["login", "signup", "password/reset"])
def test_who_wants_in_is_told_to_try_again(no_valkey, visitor, page):
    answer = visitor.post(
        f"/accounts/{page}/",
        {"login": "a@example.org", "email": "a@example.org", "password": "x", "password1": "x"},
    )
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "Try again in a moment" in answer.text


def test_who_is_in_goes_on(no_valkey, visitor):
    user = UserFactory()
    project = ProjectFactory(owner=user)
    visitor.force_login(user)
    for page in ("/", f"/projects/{project.pk}/", "/account/"):
        assert visitor.get(page).status_code == 200
