"""What was marked is kept and shown, whatever happens on the way to the server."""

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from tests.e2e.pages import (
    concept,
    hold_next,
    joined,
    marks,
    member,
    open_photos,
    open_to_mark,
    photo,
)
from tests.factories import (
    EmbeddingFactory,
    jpeg,
    pets,
)
from webapp.models import Project, User

_PASSWORD = "long enough to guess"

# Requests are held in the page itself: a route of the browser's would hold those of the next page.
_HOLD_MARKS = """
const send = window.fetch;
const never = new Promise(() => {});
window.fetch = (url, how) => String(url).endsWith("/labels/many") ? never : send(url, how);
"""


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(f"{number}.jpg" for number in range(4))


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    open_to_mark(page, project)
    expect(photo(page, "3.jpg")).to_be_visible()
    return page


def test_marks_wait_while_the_server_is_away_and_can_be_taken_back(
    gallery: Page, project: Project
) -> None:
    gallery.route("**/labels/many", lambda route: route.abort())
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("1")
    expect(gallery.get_by_text("What you mark is kept here until it is back.")).to_be_visible()
    gallery.keyboard.press("Shift+Digit1")
    gallery.keyboard.press("1")
    gallery.keyboard.press("z")
    gallery.keyboard.press("Shift+Digit1")  # what arrives last: all else is there by then
    gallery.unroute_all()
    expect(concept(gallery, "Rex")).to_contain_text("✕ 2")
    expect(gallery.locator(".mark")).to_have_count(3)
    assert marks(project) == {("3.jpg", True), ("2.jpg", False), ("0.jpg", False)}


def test_a_mark_that_is_refused_goes_again(gallery: Page, project: Project) -> None:
    told = {"error": {"code": "forbidden", "message": "You may look here, no more."}}
    held = hold_next(gallery, "**/labels/many")
    gallery.keyboard.press("ArrowRight")
    with gallery.expect_request("**/labels/many"):
        gallery.keyboard.press("1")
    expect(gallery.locator(".mark")).to_have_count(1)  # it is shown before the server hears of it
    held[0].fulfill(status=403, json=told)
    expect(gallery.get_by_text("Not saved: You may look here, no more.")).to_be_visible()
    expect(gallery.locator(".mark")).to_have_count(0)
    assert marks(project) == set()


def test_a_mark_whose_answer_was_lost_can_be_taken_back(gallery: Page, project: Project) -> None:
    lost: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        answer = route.fetch()
        if lost:
            route.fulfill(response=answer)
        else:
            lost.append(answer.status)
            route.abort()

    gallery.route("**/labels/many", lose_the_first_answer)
    photo(gallery, "3.jpg").click()
    gallery.keyboard.press("1")
    expect(gallery.get_by_text("The server is back, and has what you marked.")).to_be_visible()
    assert lost == [200]
    expect(concept(gallery, "Rex")).to_contain_text("✓ 1")  # until then ✓ 0 says nothing
    gallery.keyboard.press("z")
    expect(concept(gallery, "Rex")).to_contain_text("✓ 0")
    assert marks(project) == set()


def test_marks_on_their_way_arrive_though_the_page_is_left(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    sign_in(member(project))
    page.add_init_script(_HOLD_MARKS)
    open_photos(page, project)
    expect(concept(page, "Rex")).to_be_visible()
    expect(photo(page, "3.jpg")).to_be_visible()
    page.keyboard.press("ArrowRight")
    for key in ("1", "1", "Shift+Digit1", "z"):
        page.keyboard.press(key)
    page.get_by_role("link", name="Try it").click()
    expect(concept(page, "Rex")).to_contain_text("✓ 2")
    expect(concept(page, "Rex")).to_contain_text("✕ 0")
    assert marks(project) == {("3.jpg", True), ("2.jpg", True)}


def test_a_thumbnail_that_did_not_come_is_asked_for_again(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    asked: list[str] = []

    def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        if asked.count(route.request.url) == 1:
            route.abort()
        else:
            route.fulfill(body=jpeg("red"), content_type="image/jpeg")

    project.images.update(thumbnail="somewhere.jpg")
    page.route("**/media/**", fail_once)
    sign_in(member(project))
    open_photos(page, project)
    thumbnail = photo(page, "3.jpg").locator("img")
    expect(thumbnail).to_have_js_property("complete", True)
    expect(thumbnail).not_to_have_js_property("naturalWidth", 0)
    expect(thumbnail).not_to_have_class(re.compile("unseen"))
    source = thumbnail.get_attribute("src")
    assert source
    assert len([url for url in asked if url.endswith(source)]) == 2


def test_a_slash_that_is_typed_with_a_digit_looks_for_a_concept(
    gallery: Page, project: Project
) -> None:
    how = '{key: "/", code: "Digit1", shiftKey: true, bubbles: true}'  # some keyboards
    gallery.keyboard.press("ArrowRight")
    gallery.evaluate(f'document.body.dispatchEvent(new KeyboardEvent("keydown", {how}))')
    expect(gallery.get_by_placeholder("Mark 1 photo as…")).to_be_focused()
    gallery.keyboard.type("Mia")
    gallery.keyboard.press("Enter")
    expect(concept(gallery, "Mia")).to_contain_text("✓ 1")
    assert marks(project) == {("3.jpg", True)}


def test_who_may_only_mark_is_offered_no_new_concept(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    sign_in(joined(project, "labeller"))
    open_photos(page, project)
    expect(concept(page, "Rex")).to_be_visible()
    photo(page, "3.jpg").click()
    page.keyboard.press("c")
    palette = page.get_by_role("dialog", name="Mark 1 photo as…")
    palette.get_by_role("combobox").fill("Mia")
    expect(palette).to_contain_text("There is no such concept. An editor or owner can add one.")
    expect(palette.get_by_role("option")).to_have_count(0)
    palette.get_by_role("combobox").fill("re")
    page.keyboard.press("Enter")
    expect(concept(page, "Rex")).to_contain_text("✓ 1")


def test_who_was_signed_out_is_told_and_comes_back_to_the_same_place(
    gallery: Page, project: Project
) -> None:
    user = member(project)
    user.set_password(_PASSWORD)
    user.save()
    Session.objects.all().delete()
    gallery.goto(f"{gallery.url}?sort=oldest", wait_until="commit")
    gallery.get_by_label("Email").fill(user.email)
    gallery.get_by_label("Password").fill(_PASSWORD)
    gallery.get_by_role("button", name="Sign in").click()
    expect(photo(gallery, "0.jpg")).to_be_visible()
    expect(concept(gallery, "Rex")).to_be_visible()
    expect(gallery.get_by_text("You are signed out.")).to_be_hidden()
    Session.objects.all().delete()
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("1")
    expect(gallery.get_by_text("Not saved: You are signed out.")).to_be_visible()
    gallery.get_by_role("alert").get_by_role("link", name="Sign in").click()
    expect(gallery).to_have_url(re.compile(r"next=.*sort"))


def _many_alike(project: Project) -> None:
    for image in project.images.all():
        EmbeddingFactory(image=image, group=1)


def test_an_offer_stays_until_it_is_refused_or_outdated(gallery: Page, project: Project) -> None:
    _many_alike(project)
    gallery.clock.install()
    offer = gallery.get_by_text("3 more look like this: add?")
    for end in ("z", "No"):
        photo(gallery, "3.jpg").click()
        gallery.keyboard.press("1")
        gallery.clock.run_for(1_000)
        expect(offer).to_be_visible()
        gallery.clock.run_for(60_000)
        expect(offer).to_be_visible()
        if end == "z":
            gallery.keyboard.press("z")
        else:
            gallery.get_by_role("button", name="No", exact=True).click()
        expect(offer).to_be_hidden()


def test_what_is_said_of_a_large_photo_stands_before_it(gallery: Page, project: Project) -> None:
    photo(gallery, "3.jpg").dblclick()
    expect(gallery.get_by_role("dialog", name="Photo")).to_be_visible()
    gallery.keyboard.press("1")
    said = gallery.get_by_text("Marked 1 photo Rex.")
    expect(said).to_be_visible()
    gallery.get_by_role("button", name="Undo").click()  # nothing lies over it
    expect(gallery.get_by_text("Taken back.")).to_be_visible()
    gallery.keyboard.press("Escape")
    expect(gallery.get_by_role("dialog", name="Photo")).to_be_hidden()
    gallery.get_by_role("button", name="Redo").click()
    expect(concept(gallery, "Rex")).to_contain_text("✓ 1")


def test_what_was_said_before_comes_along_to_a_large_photo(gallery: Page) -> None:
    photo(gallery, "3.jpg").click()
    gallery.keyboard.press("1")
    expect(gallery.get_by_text("Marked 1 photo Rex.")).to_be_visible()
    gallery.keyboard.press("Enter")
    expect(gallery.get_by_role("dialog", name="Photo")).to_be_visible()
    gallery.get_by_role("button", name="Undo").click()
    expect(gallery.get_by_text("Taken back.")).to_be_visible()
