"""A large photo, while its likes and its facts are still on their way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.pages import hold_next, member, open_photos, photo
from tests.factories import pets
from webapp.models import Project, User


@pytest.fixture
def project(page: Page, transactional_db: None, sign_in: Callable[[User], None]) -> Project:
    project = pets(("garden.jpg", "street.jpg"))
    sign_in(member(project))
    return project


def test_a_mark_leaves_what_is_like_a_part(page: Page, project: Project) -> None:
    def answer(route: Route) -> None:
        is_part = "region" in (route.request.post_data or "")
        found = {"id": 10**9 + is_part, "filename": "part.jpg" if is_part else "whole.jpg"}
        route.fulfill(json={"items": [found]})

    page.route("**/search?*", answer)
    open_photos(page, project)
    photo(page, "garden.jpg").dblclick()
    large = page.get_by_role("dialog", name="Photo")
    whole = large.get_by_role("button", name="whole.jpg")
    part = large.get_by_role("button", name="part.jpg")
    expect(whole).to_be_visible()
    large.get_by_role("button", name="Like a part of it").click()
    expect(whole).to_be_hidden()  # nothing was found by the part yet
    page.keyboard.press("Enter")
    expect(part).to_be_visible()
    page.keyboard.press("1")
    expect(large.get_by_text("by you")).to_be_visible()  # it was looked at anew
    expect(part).to_be_visible()
    large.get_by_role("button", name="Like a part of it").click()
    expect(whole).to_be_visible()


def test_a_photo_that_comes_after_back_stays_closed(page: Page, project: Project) -> None:
    image = project.images.get(filename="garden.jpg")
    address = f"**/images/{image.pk}"
    held = hold_next(page, address)
    with page.expect_request(address):
        open_photos(page, project, f"?q=street&photo={image.pk}")
    page.go_back()
    expect(page).not_to_have_url(re.compile("photo="))
    with page.expect_response(address) as answered:
        held[0].continue_()
    answered.value.finished()
    photo(page, "street.jpg").dblclick()  # nothing lies over it
    large = page.get_by_role("dialog", name="Photo")
    expect(large.get_by_role("heading", name="street.jpg")).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(page).not_to_have_url(re.compile("photo="))
