"""Two versions made, looked at closely, compared, published, rolled back."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import factories
from tests.e2e.pages import READY_MS, open_photos, photo, photos
from tests.e2e.test_access import is_wider_than_the_screen, violations
from tests.webapp.taught import teach_twice
from tests.webapp.test_teaching import all_indexed, shapes, train, upload, wait_for
from webapp.models import Project, User, Version

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def user() -> User:
    return factories.UserFactory()


@pytest.fixture
def project(user: User) -> Project:
    return factories.ProjectFactory(owner=user, name="Dogs")


@pytest.fixture
def two_versions(page: Page, sign_in, project: Project, user: User) -> None:
    sign_in(user)
    teach_twice(project, user)


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("listitem", name=f"Version {number}", exact=True)


def menu(page: Page, number: int, item: str) -> None:
    page.get_by_role("button", name=f"More about version {number}").click()
    page.get_by_role("button", name=item).or_(page.get_by_role("link", name=item)).last.click()


@pytest.mark.parametrize(
    ("unanswered", "heading"),
    [("**/api/v1/*/*/versions/1*", "Version 1"), ("**/evaluation*", "Version 1 Spring")],
    ids=["anything", "its figures"],
)
def test_a_version_has_its_frame_before_it_is_known(
    page: Page,
    sign_in: Callable[[User], None],
    project: Project,
    user: User,
    unanswered: str,
    heading: str,
) -> None:
    sign_in(user)
    factories.VersionFactory(project=project, number=1, name="Spring")
    page.route(unanswered, lambda _: None)
    page.goto(f"/projects/{project.pk}/versions/1/")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_text("Looking up how good it is")).to_be_visible()


@pytest.mark.usefixtures("two_versions")
def test_published_compared_and_rolled_back(page: Page, worker, project: Project) -> None:
    page.goto(f"/projects/{project.pk}/versions/")
    expect(page.get_by_text("Nothing is published yet")).to_be_visible()
    row(page, 1).get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 is live: it answers")).to_be_visible()
    row(page, 2).get_by_role("link", name="Publish…").click()
    flips = page.get_by_text(re.compile("Version 2 flips .* now agree"))
    expect(flips).to_be_visible(timeout=READY_MS)
    expect(page.get_by_role("region", name="Now agree with your marks")).to_be_visible()
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Versions").click()
    expect(page.get_by_text("Version 2 is live: it answers")).to_be_visible()
    page.get_by_role("button", name="Roll back to version 1").click()
    expect(page.get_by_text("Version 1 is live: it answers")).to_be_visible()
    assert Version.objects.get(stage="live").number == 1
    expect(page.get_by_role("row", name="Version 1 published")).to_have_count(2)


@pytest.mark.usefixtures("two_versions")
def test_named_noted_and_deleted(page: Page, project: Project) -> None:
    page.goto(f"/projects/{project.pk}/versions/")
    row(page, 1).get_by_role("button", name="Publish").click()
    menu(page, 2, "Name…")
    page.get_by_role("textbox", name="Name").fill("Spring")
    page.get_by_role("button", name="Save").click()
    expect(row(page, 2)).to_contain_text("Spring")
    page.get_by_role("button", name="More about version 1").click()
    expect(page.get_by_role("button", name="Delete…")).to_have_count(0)
    page.keyboard.press("Escape")
    menu(page, 2, "Delete…")
    page.get_by_role("button", name="Delete version").click()
    expect(row(page, 2)).to_have_count(0)


def test_a_picture_tells_why_and_is_kept_for_testing(
    page: Page, worker, sign_in, project: Project, user: User
) -> None:
    sign_in(user)
    for shape in ("disc", "square"):
        upload(project, user, *shapes(shape, 3), concepts=[shape])
    wait_for(project, all_indexed(project))
    train(project, user)
    open_photos(page, project)
    expect(photos(page)).to_have_count(6)
    photo(page, "disc1.jpg").hover()
    photo(page, "disc1.jpg").locator("[data-action=open]").click()
    viewer = page.get_by_role("dialog", name="Photo")
    viewer.get_by_role("group", name="Why").get_by_role("button", name="disc").click()
    expect(viewer.get_by_text("Speak for disc")).to_be_visible(timeout=READY_MS)
    expect(viewer.get_by_role("img", name="disc1.jpg").last).to_be_visible()
    with page.expect_response("**/images/test"):
        viewer.get_by_role("checkbox", name="Keep for testing").check()
    assert project.images.get(filename="disc1.jpg").is_test


@pytest.mark.usefixtures("two_versions", "worker")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_version_shuts_anybody_out(
    page: Page, project: Project, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    shown = {
        "": "Who did what",
        "2/?concept=Rex": "What was taken for what",
        "compare/?a=1&b=2": "Is it better?",
    }
    for path, heading in shown.items():
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(f"/projects/{project.pk}/versions/{path}")
            expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=READY_MS)
            assert violations(page) == [], path
            assert not is_wider_than_the_screen(page), path
