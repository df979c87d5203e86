"""Two-step sign-in as a person meets it: switched on with a phone, then asked for."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.e2e.test_access import violations
from tests.factories import UserFactory
from tests.webapp.test_second_factor import PASSWORD, code_for
from webapp.models import User


@pytest.fixture
def person(transactional_db: None) -> User:
    cache.clear()
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    return user


def test_a_code_is_asked_for_once_it_is_on(
    page: Page, person: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(person)
    page.goto("/account/")
    page.get_by_role("link", name="Two-step sign-in").click()
    page.get_by_role("link", name="Switch it on").click()
    page.get_by_label("Password").fill(PASSWORD)
    assert violations(page) == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert violations(page) == []
    secret = page.locator("#key").inner_text()
    page.get_by_label("Authenticator code").fill(code_for(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert violations(page) == []
    [recovery, *_] = page.locator(".codes code").all_inner_texts()
    page.context.clear_cookies()

    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="What shall Pupil learn to recognise?")).to_be_visible()
    page.goto("/accounts/2fa/")
    expect(page.get_by_text("You have 9 recovery codes left")).to_be_visible()
    assert violations(page) == []
