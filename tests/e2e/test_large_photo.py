"""A large photo, while its likes and its facts are still on their way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.pages import hold_next, holding, member, open_photos, open_to_mark, photo
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
    open_to_mark(page, project)
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


@pytest.fixture
def searches(page: Page, project: Project) -> list[Route]:
    """Look for two parts of a large photo, one after the other; no answer has come yet."""
    asked: list[Route] = []

    def take(route: Route) -> None:
        if "region" in (route.request.post_data or ""):
            asked.append(route)
        else:
            route.fulfill(json={"items": []})

    page.route("**/search?*", take)
    open_to_mark(page, project)
    photo(page, "garden.jpg").dblclick()
    page.get_by_role("button", name="Like a part of it").click()
    for _ in range(2):
        with page.expect_request(lambda sent: "region" in (sent.post_data or "")):
            page.keyboard.press("Enter")
    page.evaluate("0")  # a request is told of before it is held, but both before this is answered
    return asked


def test_what_is_like_an_earlier_part_comes_too_late(page: Page, searches: list[Route]) -> None:
    earlier, later = searches
    large = page.get_by_role("dialog", name="Photo")
    later.fulfill(json=_found("later.jpg"))
    expect(large.get_by_role("button", name="later.jpg")).to_be_visible()
    with page.expect_response("**/search?*") as answered:
        earlier.fulfill(json=_found("earlier.jpg"))
    answered.value.finished()
    page.keyboard.press("1")
    expect(large.get_by_text("by you")).to_be_visible()  # it was drawn anew
    expect(large.get_by_role("button", name="later.jpg")).to_be_visible()
    expect(large.get_by_role("button", name="earlier.jpg")).to_be_hidden()


def test_of_a_photo_that_was_left_no_error_is_told(page: Page, searches: list[Route]) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Photo")).to_be_hidden()
    told = {"error": {"code": "invalid", "message": "Not today."}}
    for search in searches:
        with page.expect_response("**/search?*") as answered:
            search.fulfill(status=400, json=told)
        answered.value.finished()
    photo(page, "street.jpg").dblclick()
    expect(page.get_by_role("heading", name="street.jpg")).to_be_visible()
    assert not page.get_by_text("Not today.").is_visible()  # one that was told goes after a while


def _found(name: str) -> dict[str, list[dict[str, object]]]:
    return {"items": [{"id": 10**9, "filename": name}]}


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


def test_a_mark_is_seen_at_once_though_the_list_came_since(page: Page, project: Project) -> None:
    """A new list has other objects for the same photos; the large one is of it by then."""
    open_photos(page, project)
    expect(photo(page, "garden.jpg")).to_be_visible()  # it stays while the next list is awaited
    lists = "**/images?*sort=oldest*"
    held = hold_next(page, lists)
    with page.expect_request(lists):
        page.get_by_role("combobox", name="Order").select_option("Oldest first")
    photo(page, "garden.jpg").dblclick()
    large = page.get_by_role("dialog", name="Photo")
    expect(large.get_by_role("heading", name="garden.jpg")).to_be_visible()
    with page.expect_response(lists) as answered:
        held[0].continue_()
    answered.value.finished()
    with holding(page, "**/labels/many"):
        page.keyboard.press("1")
        expect(large.get_by_role("button", name="Yes", pressed=True)).to_be_visible()
