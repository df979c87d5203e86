"""Who may make an account: `PUPIL_SIGNUP` says it, and pages offer nobody else to."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from webapp.models import User
from webapp.services import members

pytestmark = pytest.mark.django_db
SIGNUP, LOGIN = "/accounts/signup/", "/accounts/login/"
EMAIL = "newcomer@example.org"
PASSWORD = "plum-tea-44-kites"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()  # no attempts of others


def signs_up(client, **more):
    """Send the form; return where it led, or nothing where it made no account."""
    sent = {"email": EMAIL, "password1": PASSWORD, "password2": PASSWORD, **more}
    answer = client.post(SIGNUP, sent)
    assert (answer.status_code == 302) == User.objects.filter(email=EMAIL).exists()
    return answer.get("Location")


def invited(project, user):
    _, key = members.invite(project=project, user=user, role="viewer")
    return f"/join/{key}/"


def offered(client, link=LOGIN):
    return "Make an account" in client.get(link, follow=True).content.decode()


def test_anybody_may_unless_it_is_said_otherwise(client):
    assert offered(client)
    assert signs_up(client) == "/"


@pytest.mark.parametrize("goal", ["//[", "https://elsewhere.example/"])
def test_where_to_go_on_to_is_a_page_of_ours(client, settings, goal):
    assert client.get(LOGIN, {"next": goal}).status_code == 200
    assert signs_up(client, next=goal) == "/"
    client.logout()
    settings.SIGNUP = "invited"
    assert client.get(SIGNUP, {"next": goal}).status_code == 200


@pytest.mark.parametrize("setting", ["invited", "closed"])
def test_strangers_may_not(client, settings, setting):
    settings.SIGNUP = setting
    assert not offered(client)
    assert signs_up(client) is None
    assert "No new accounts" in client.get(SIGNUP).content.decode()


def test_where_it_is_by_invitation_the_page_says_so(client, settings):
    settings.SIGNUP = "invited"
    assert "by invitation" in client.get(SIGNUP).content.decode()


def test_the_link_of_an_invitation_leads_a_newcomer_in(client, settings, user, project):
    settings.SIGNUP = "invited"
    link = invited(project, user)
    door = client.get(link, follow=True)
    form = client.get(door.context["signup_url"])
    assert f'name="next" value="{link}"' in form.content.decode()
    assert signs_up(client, next=link) == link
    client.post(link)
    assert project.members.filter(email=EMAIL).exists()


def test_an_invitation_opens_nothing_where_it_is_closed(client, settings, user, project):
    settings.SIGNUP = "closed"
    link = invited(project, user)
    assert not offered(client, link)
    assert signs_up(client, next=link) is None


@pytest.mark.parametrize(
    "elsewhere", ["/join/never-was-one/", "/projects/1/people/", "/nowhere", ""]
)
def test_on_the_way_elsewhere_is_not_invited(client, settings, elsewhere):
    settings.SIGNUP = "invited"
    assert signs_up(client, next=elsewhere) is None


def test_an_invitation_that_was_used_invites_nobody_else(client, settings, user, project):
    settings.SIGNUP = "invited"
    link = invited(project, user)
    signs_up(client, next=link)
    client.post(link)
    stranger = Client()
    assert not offered(stranger, link)
    sent = {"email": "other@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert stranger.post(SIGNUP, {**sent, "next": link}).status_code == 200
    assert not User.objects.filter(email="other@example.org").exists()


@pytest.mark.parametrize(("setting", "links"), [("open", 1), ("invited", 0), ("closed", 0)])
def test_mails_to_those_without_an_account_offer_none_either(client, settings, setting, links):
    settings.SIGNUP = setting
    client.post("/accounts/password/reset/", {"email": EMAIL})
    [message] = mail.outbox
    assert "no account" in message.body
    assert message.body.count(SIGNUP) == links
