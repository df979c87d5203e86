"""Searching, and saving searches, by mouse and by keyboard."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.pages import READY_MS, concept, hold_next, member, open_photos, photo, photos
from tests.factories import (
    EmbeddingFactory,
    ImageFactory,
    ImageTagFactory,
    jpeg,
    pets,
)
from webapp.learning import general
from webapp.models import Label, Project, SavedSearch, User


@pytest.fixture
def project(transactional_db: None) -> Project:
    project = pets(("garden.jpg", "street.jpg", "beach.jpg"))
    dog = general.find_tags("dog", typos=False)[0]
    ImageTagFactory(image=project.images.get(filename="street.jpg"), tag=dog, probability=0.9)
    return project


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    open_photos(page, project)
    expect(photos(page)).to_have_count(3)
    return page


def test_words_find_names_and_what_is_seen(gallery: Page) -> None:
    box = gallery.get_by_role("combobox", name="Search photos")
    box.fill("garden")
    box.press("Enter")
    expect(photos(gallery)).to_have_count(1)
    expect(photo(gallery, "garden.jpg")).to_be_visible()
    box.fill("dogs")
    box.press("Enter")
    expect(photo(gallery, "street.jpg")).to_be_visible()
    gallery.go_back()
    expect(photo(gallery, "garden.jpg")).to_be_visible()
    gallery.get_by_role("button", name="Clear the search").click()
    expect(photos(gallery)).to_have_count(3)


def test_a_mistake_is_shown_where_it_is_and_a_completion_mends_it(gallery: Page) -> None:
    box = gallery.get_by_role("combobox", name="Search photos")
    box.fill("lable:rex")
    box.press("Enter")
    expect(gallery.get_by_role("alert").locator("mark")).to_have_text("lable")
    expect(photos(gallery)).to_have_count(0)  # they are no answer to it
    expect(gallery.get_by_text("No photo is like that")).to_be_hidden()
    box.fill("")
    box.press_sequentially("re")
    # The first completion of a server loads its words.
    expect(gallery.get_by_role("option", name="Rex")).to_be_visible()
    gallery.get_by_role("option", name="Rex").click(trial=True)  # nothing lies over it
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("is:Rex ")


def test_it_is_said_that_words_alone_were_looked_for(gallery: Page) -> None:
    def unread(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "words_only": True})

    gallery.route("**/images?*q=garden*", unread)
    box = gallery.get_by_role("combobox", name="Search photos")
    box.fill("garden")
    box.press("Enter")
    said = gallery.get_by_text("found by names, notes and tags alone")
    expect(said).to_be_visible()
    gallery.unroute("**/images?*q=garden*")
    gallery.get_by_role("button", name="Try again").click()
    expect(said).to_be_hidden()


def test_a_search_is_kept_in_the_rail_with_its_count(gallery: Page) -> None:
    box = gallery.get_by_role("combobox", name="Search photos")
    box.fill("beach")
    box.press("Enter")
    gallery.get_by_role("button", name="Save this search").click()
    gallery.get_by_label("Name").fill("By the sea")
    gallery.get_by_role("button", name="Save", exact=True).click()
    expect(concept(gallery, "By the sea")).to_contain_text("1")
    gallery.get_by_role("button", name="Clear the search").click()
    concept(gallery, "By the sea").get_by_role("button").first.click()
    expect(photo(gallery, "beach.jpg")).to_be_visible()
    expect(photos(gallery)).to_have_count(1)


def test_a_search_becomes_a_concept(gallery: Page, project: Project) -> None:
    box = gallery.get_by_role("combobox", name="Search photos")
    box.fill("dog")
    box.press("Enter")
    expect(photos(gallery)).to_have_count(1)
    gallery.get_by_role("button", name="Make this a concept").click()
    expect(gallery.get_by_label("What do you look for?")).to_have_value("dog")
    gallery.get_by_role("button", name="Mark some examples").click()
    expect(gallery.get_by_role("heading", name="Is this dog?")).to_be_visible()
    gallery.keyboard.press("y")
    expect(concept(gallery, "dog")).to_contain_text("✓ 1")
    assert list(Label.objects.values_list("concept__name", "image__filename")) == [
        ("dog", "street.jpg")
    ]


def test_a_note_is_kept_on_leaving_and_its_keys_are_its_own(gallery: Page) -> None:
    photo(gallery, "garden.jpg").dblclick()
    note = gallery.get_by_label("Note")
    note.press_sequentially("hill 1")
    note.press("ArrowLeft")
    with gallery.expect_response(lambda response: response.request.method == "PATCH"):
        gallery.keyboard.press("Escape")
    expect(gallery.get_by_role("dialog")).to_be_hidden()
    gallery.get_by_role("combobox", name="Search photos").fill("hill")
    gallery.keyboard.press("Enter")
    expect(photos(gallery)).to_have_count(1)
    expect(photo(gallery, "garden.jpg")).to_be_visible()
    assert not Label.objects.exists()


@pytest.mark.usefixtures("worker")
def test_a_picture_is_searched_by_and_not_kept(gallery: Page, project: Project) -> None:
    like = ImageFactory(project=project, filename="like.jpg")
    EmbeddingFactory(image=like)
    sent = {"name": "new.jpg", "mimeType": "image/jpeg", "buffer": jpeg("red", shape="disc")}
    gallery.get_by_label("Photo to search by").set_input_files(sent)
    found = gallery.get_by_role("dialog", name="Photos like yours")
    expect(found.get_by_role("img", name="like.jpg")).to_be_attached(timeout=READY_MS)
    found.get_by_role("button", name="Show them in the gallery").click()
    expect(photos(gallery)).to_have_count(1)
    assert project.images.count() == 4


def test_a_part_is_chosen_by_keys(gallery: Page, project: Project) -> None:
    gallery.route("**/search?*", lambda route: route.fulfill(json={"items": []}))
    photo(gallery, "garden.jpg").dblclick()
    gallery.get_by_role("button", name="Like a part of it").click()
    expect(gallery.get_by_role("button", name="Part to search by.")).to_be_focused()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        gallery.keyboard.press(key)
    expect(gallery.get_by_role("heading", name="garden.jpg")).to_be_visible()
    with gallery.expect_request(lambda sent: "region" in (sent.post_data or "")) as asked:
        gallery.keyboard.press("Enter")
    box = asked.value.post_data_json["region"]["box"]
    assert box == pytest.approx([0.32, 0.28, 0.72, 0.70])


def test_a_forgotten_search_stays_away_though_an_older_list_comes_late(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    kept = SavedSearch.objects.create(project=project, name="By the sea", query="beach")
    answers = itertools.count(1)
    held = hold_next(page, "**/searches")
    sign_in(member(project))
    open_photos(page, project)
    row = concept(page, "By the sea")
    expect(row).to_be_visible()  # by the list that is asked for with the first event
    # Two more follow: one of its own, and one by the event.
    with page.expect_response(lambda one: one.url.endswith("/searches") and next(answers) == 2):
        page.get_by_role("button", name="Forget the search By the sea").click()
    expect(row).to_be_hidden()
    older = {"id": kept.pk, "name": kept.name, "query": kept.query, "count": 1}
    held[0].fulfill(json={"items": [older]})
    page.get_by_role("combobox", name="Search photos").fill("garden")
    page.keyboard.press("Enter")
    expect(photos(page)).to_have_count(1)
    expect(row).to_be_hidden()
