"""A person's own password, in our words."""

import pytest

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("has_password", "path", "button"),
    [
        (True, "/accounts/password/change/", "Change it"),
        (False, "/accounts/password/set/", "Keep it"),
    ],
)
def test_the_form_sends_to_its_own_page(client, has_password, path, button):
    user = UserFactory()
    user.set_password("plum-tea-44-kites") if has_password else user.set_unusable_password()
    user.save()
    client.force_login(user)
    page = client.get(path).content.decode()
    assert f'action="{path}"' in page
    assert button in page
    assert "csrfmiddlewaretoken" in page
    assert page.count("Back to your account") == 1
