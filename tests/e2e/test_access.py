"""Everybody can use it: no violation that axe knows, nothing wider than a phone."""

from collections.abc import Callable
from typing import Literal

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.e2e.pages import member, photos
from tests.factories import ConceptFactory, ImageFactory, LabelFactory, ProjectFactory
from webapp.models import Project, User
from webapp.services import accounts, members

AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    "/",
    "/projects/{0}/",
    "/projects/{0}/people/",
    "/projects/{0}/review/",
    "/projects/{0}/try/",
    "/projects/{0}/care/",
    "/account/",
    "/accounts/email/",
    "/accounts/2fa/",
    "/import/",
]
DOORS = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere"]


@pytest.fixture
def project(transactional_db: None) -> Project:
    project = ProjectFactory()
    rex = ConceptFactory(project=project, name="Rex")
    for _ in range(5):
        LabelFactory(image=ImageFactory(project=project), concept=rex)
    return project


def violations(page: Page) -> list[str]:
    # Through the debugger, as the content policy lets no foreign script in.
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def is_wider_than_the_screen(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_anybody_out(
    page: Page, project: Project, sign_in: Callable[[User], None], scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in DOORS:
        page.goto(path)
        assert violations(page) == [], path
    sign_in(member(project))
    for path in PAGES:
        page.goto(path.format(project.pk))
        page.wait_for_load_state("load")
        if path == PAGES[1]:
            expect(photos(page)).to_have_count(5)
            open_what_floats(page)
        assert violations(page) == [], path


def open_what_floats(page: Page) -> None:
    """Look at the palette, the list of keys and a large picture; leave a picture chosen."""
    page.keyboard.press("ArrowRight")
    for key, dialog in (("c", "Mark 1 photo as…"), ("?", "Keys"), ("Enter", "Photo")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
        assert violations(page) == [], dialog
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    photos(page).first.click()


def test_every_page_fits_a_phone(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    user = member(project)
    User.objects.filter(pk=user.pk).update(is_staff=True, max_pictures=5)
    accounts.create_token(user=user, name="garden camera")
    members.invite(project=project, user=user, role="labeller")
    sign_in(user)
    for path in [*PAGES, *DOORS, "/operations/"]:
        page.goto(path.format(project.pk))
        assert not is_wider_than_the_screen(page), path
        assert page.locator("td:visible").count() == page.locator("td").count(), path


def test_a_token_is_shown_once(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    sign_in(member(project))
    page.goto("/account/")
    page.get_by_label("What the token is for").fill("garden camera")
    page.get_by_role("button", name="Make a token").click()
    key = page.locator("#key").inner_text()
    answer = page.request.get("/api/v1/projects", headers={"Authorization": f"Bearer {key}"})
    assert answer.ok
    page.goto("/account/")
    expect(page.get_by_text(key)).to_have_count(0)
    page.get_by_role("button", name="Revoke garden camera").click()
    expect(page.get_by_text("The token is revoked")).to_be_visible()
    page.context.clear_cookies()
    answer = page.request.get("/api/v1/projects", headers={"Authorization": f"Bearer {key}"})
    assert answer.status == 401
