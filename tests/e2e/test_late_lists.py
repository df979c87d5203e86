"""A list, or an answer about some of it, is older than what was done since it was asked for."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import (
    chosen,
    concept,
    hold_next,
    holding,
    member,
    open_photos,
    open_whole,
    photo,
    photos,
    scrubber,
)
from tests.factories import ImageFactory, pets
from webapp.models import Project, User
from webapp.services import labels

COUNT = 210  # the rest of the list comes after its first page
OUTLINE = "**/images/outline*"

# Answers that tell of a mark are held in the page, each until the test lets it go.
_HOLD_PICTURES = """
const ask = window.fetch;
window.held = [];
window.fetch = async (url, how) => {
  const answer = await ask(url, how);
  if (!String(url).includes("images?ids=")) return answer;
  const { items } = await answer.clone().json();
  if (items.some((item) => item.labels.length)) await new Promise((go) => held.push(go));
  return answer;
};
"""


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(f"{number:03}.jpg" for number in range(COUNT))


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    open_whole(page, project)
    return page


def _sort(page: Page, order: str, first: str) -> None:
    page.get_by_role("combobox", name="Order").select_option(order)
    expect(photos(page).first).to_have_attribute("title", first)


def _expect_marked(page: Page, name: str) -> None:
    expect(photo(page, name)).to_have_accessible_name(f"{name}, marked Rex")


def _delete(page: Page) -> None:
    """Delete what is chosen."""
    page.get_by_role("toolbar", name="Chosen photos").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()


def test_a_photo_that_comes_while_all_are_deleted_stays(gallery: Page, project: Project) -> None:
    gallery.keyboard.press("Control+a")
    expect(gallery.get_by_text(f"{COUNT} photos chosen")).to_be_visible()
    gallery.keyboard.press("Delete")
    with holding(gallery, "**/images/delete"):
        gallery.get_by_role("dialog").get_by_role("button", name="Delete").click()
        newcomer = ImageFactory(project=project, filename="newcomer.jpg")
    expect(photos(gallery)).to_have_count(1)
    expect(photo(gallery, "newcomer.jpg")).to_be_visible()
    assert list(project.images.all()) == [newcomer]


def test_what_was_deleted_goes_from_the_list_that_came_meanwhile(gallery: Page) -> None:
    photo(gallery, "209.jpg").click()
    with holding(gallery, "**/images/delete"):
        _delete(gallery)
        _sort(gallery, "oldest", "000.jpg")
        _sort(gallery, "newest", "209.jpg")
        expect(scrubber(gallery)).to_be_visible()
    expect(photo(gallery, "209.jpg")).to_have_count(0)
    expect(gallery.get_by_text(f"{COUNT - 1} photos")).to_be_visible()


def test_a_list_that_is_older_than_a_deletion_does_not_bring_back_what_was_deleted(
    gallery: Page,
) -> None:
    held = hold_next(gallery, OUTLINE)
    _sort(gallery, "oldest", "000.jpg")
    photo(gallery, "001.jpg").click()
    older = held[0].fetch()
    _delete(gallery)
    expect(photo(gallery, "001.jpg")).to_have_count(0)
    held[0].fulfill(response=older)
    expect(scrubber(gallery)).to_be_visible()
    expect(gallery.get_by_text(f"{COUNT - 1} photos")).to_be_visible()


def test_who_scrolls_before_all_are_listed_stays_there(gallery: Page) -> None:
    with holding(gallery, OUTLINE):
        _sort(gallery, "oldest", "000.jpg")
        gallery.mouse.move(600, 400)
        gallery.mouse.wheel(0, 1_500)
        gallery.wait_for_function("() => scrollY > 1000")
    expect(scrubber(gallery)).to_be_visible()
    assert gallery.evaluate("scrollY") > 1_000


def test_who_scrolled_stays_there_though_the_list_does_not_come(gallery: Page) -> None:
    held = hold_next(gallery, OUTLINE)
    _sort(gallery, "oldest", "000.jpg")
    gallery.mouse.move(600, 400)
    gallery.mouse.wheel(0, 1_500)
    gallery.wait_for_function("() => scrollY > 1000")
    held[0].fulfill(status=502)
    expect(gallery.get_by_text("Something went wrong on the server.")).to_be_visible()
    assert gallery.evaluate("scrollY") > 1_000


def test_not_all_are_chosen_once_another_choice_was_made(gallery: Page) -> None:
    with holding(gallery, OUTLINE):
        gallery.reload()
        expect(photo(gallery, "209.jpg")).to_be_visible()
        gallery.keyboard.press("a")
        gallery.keyboard.press("Escape")
        photo(gallery, "209.jpg").click()
        expect(chosen(gallery)).to_have_count(1)
    expect(scrubber(gallery)).to_be_visible()
    expect(gallery.get_by_text("1 photo chosen")).to_be_visible()


def test_a_mark_on_its_way_stays_in_other_lists(gallery: Page) -> None:
    with holding(gallery, "**/labels/many"):
        photo(gallery, "209.jpg").click()
        gallery.keyboard.press("1")
        _expect_marked(gallery, "209.jpg")
        _sort(gallery, "oldest", "000.jpg")
        expect(scrubber(gallery)).to_be_visible()
        _sort(gallery, "newest", "209.jpg")
        _expect_marked(gallery, "209.jpg")
    expect(concept(gallery, "Rex")).to_contain_text("✓ 1")
    _expect_marked(gallery, "209.jpg")


def _mark_elsewhere(project: Project, name: str) -> None:
    image = project.images.get(filename=name)
    change = labels.Change(image_id=image.pk, concept="Rex", is_positive=True)
    labels.set_labels(project=project, user=member(project), changes=[change])


@pytest.fixture
def asked_before_a_mark(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    """Return a page that marked 209.jpg after it asked about it; the answer is held."""
    sign_in(member(project))
    page.add_init_script(_HOLD_PICTURES)
    with page.expect_response("**/events"):
        open_photos(page, project)
    expect(concept(page, "Rex")).to_be_visible()
    _mark_elsewhere(project, "208.jpg")
    page.wait_for_function("() => held.length === 1")
    photo(page, "209.jpg").click()
    page.keyboard.press("1")
    expect(concept(page, "Rex")).to_contain_text("✓ 2")
    return page


def test_an_older_answer_is_not_drawn_over_a_newer_mark(asked_before_a_mark: Page) -> None:
    page = asked_before_a_mark
    page.evaluate("held[0]()")
    _expect_marked(page, "208.jpg")
    _expect_marked(page, "209.jpg")


def test_an_older_answer_is_not_drawn_into_a_newer_list(
    asked_before_a_mark: Page, project: Project
) -> None:
    page = asked_before_a_mark
    _sort(page, "oldest", "000.jpg")
    _sort(page, "newest", "209.jpg")
    _expect_marked(page, "209.jpg")
    page.evaluate("held[0]()")
    _mark_elsewhere(project, "207.jpg")  # the page asks anew once it has taken in what it asked for
    page.wait_for_function("() => held.length === 2")
    _expect_marked(page, "209.jpg")
