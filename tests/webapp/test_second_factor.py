"""Two-step sign-in: off until switched on, and then a password alone lets nobody in."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from tests.factories import UserFactory
from webapp.models import AuditEntry
from webapp.services import accounts

pytestmark = pytest.mark.django_db
PASSWORD = "plum-tea-44-kites"
AUTHENTICATE = "/accounts/2fa/authenticate/"


@pytest.fixture
def user(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one
    cache.clear()  # no attempts of others
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(user):
    """Sign in by the form, as far as a password leads; return where that was."""
    client = Client()
    sent = {"login": user.email, "password": PASSWORD}
    return client, client.post("/accounts/login/", sent)["Location"]


def code_for(secret):
    _, counter, _ = auth.yield_hotp_counters_from_time()  # not the one that is about to lapse
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def switched_on(user):
    """Return the key and the recovery codes."""
    client, place = signed_in(user)
    assert place == "/"
    page = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Type your password once more." in page.content.decode()
    sent = {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
    page = client.post("/accounts/reauthenticate/", sent, follow=True)
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    codes = client.get(answer["Location"]).context["unused_codes"]
    assert "It is on." in client.get("/accounts/2fa/").content.decode()
    # The same code is good once; a later one would make the test wait.
    cache.clear()
    return secret, codes


def test_it_is_off_until_it_is_switched_on(user):
    client, place = signed_in(user)
    assert place == "/"
    assert "It is off." in client.get("/accounts/2fa/").content.decode()


def test_a_password_alone_lets_nobody_in_then(user):
    secret, _ = switched_on(user)
    client, place = signed_in(user)
    assert place.startswith(AUTHENTICATE)
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert client.post(AUTHENTICATE, {"code": "000000"}).status_code == 200
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert client.post(AUTHENTICATE, {"code": code_for(secret)})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_recovery_code_is_good_once(user):
    _, codes = switched_on(user)
    client, _ = signed_in(user)
    assert client.post(AUTHENTICATE, {"code": codes[0]})["Location"] == "/"
    again, _ = signed_in(user)
    assert again.post(AUTHENTICATE, {"code": codes[0]}).status_code == 200
    assert again.get("/").status_code == 302


def test_guessing_codes_is_stopped(user):
    secret, _ = switched_on(user)
    client, _ = signed_in(user)
    for _ in range(6):
        answer = client.post(AUTHENTICATE, {"code": "000000"})
    answer = client.post(AUTHENTICATE, {"code": code_for(secret)})
    assert answer.status_code != 302
    cache.clear()


def test_it_is_switched_off_by_who_has_it(user):
    secret, _ = switched_on(user)
    client, _ = signed_in(user)
    client.post(AUTHENTICATE, {"code": code_for(secret)})
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert Authenticator.objects.filter(user=user).exists()  # first it asks whether it is them
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=user).exists()
    assert signed_in(user)[1] == "/"


def test_tokens_of_programs_go_on(user):
    _, key = accounts.create_token(user=user, name="camera")
    switched_on(user)
    answer = Client().get("/api/v1/projects", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200


def test_who_lost_everything_is_let_in_by_who_runs_the_machine(user, capsys):
    switched_on(user)
    call_command("second_factor", user.email, "--remove")
    assert "is off" in capsys.readouterr().out
    assert signed_in(user)[1] == "/"


def test_letting_somebody_in_is_noted_once(user):
    switched_on(user)
    for _ in range(2):
        call_command("second_factor", user.email, "--remove")
    entry = AuditEntry.objects.get(action="second_factor.removed")
    assert (entry.action, entry.actor, entry.details) == (
        "second_factor.removed",
        None,
        {"who": user.pk},
    )


def test_switching_it_on_and_off_is_noted(user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        secret, _ = switched_on(user)
    client, _ = signed_in(user)
    client.post(AUTHENTICATE, {"code": code_for(secret)})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/totp/deactivate/")
    told = AuditEntry.objects.exclude(action="person.signed_in").order_by("id")
    assert list(told.values_list("action", "actor", "actor_email")) == [
        (action, user.pk, user.email)
        for action in ("second_factor.added", "recovery_codes.made", "second_factor.removed")
    ]
