"""What is done while an answer is on its way stands, and one that comes late does no harm."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.e2e.pages import chosen, concept, drop, joined, member, open_photos, photo, photos
from tests.factories import ImageFactory, LabelFactory, jpeg, pets
from webapp.models import Image, Project, User
from webapp.services import labels

COUNT = 210  # the rest of the list comes after its first page, and all are marked by the filter
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
_HOLD_FRAMES = """async () => {
  const draw = window.requestAnimationFrame;
  const held = [];
  await new Promise((drawn) => draw(drawn)); // what was to be drawn already is
  window.requestAnimationFrame = (work) => held.push(work);
  window.goOn = () => {
    window.requestAnimationFrame = draw;
    for (const work of held) draw(work);
  };
}"""


@contextmanager
def _held(page: Page, asks: str) -> Iterator[None]:
    """Hold what the page asks for in here until the end."""
    held: list[Route] = []
    page.route(asks, lambda route: held.append(route))
    yield
    while not held:
        page.wait_for_timeout(10)
    for route in held:
        route.continue_()
    page.unroute(asks)


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(f"{number:03}.jpg" for number in range(COUNT))


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    open_photos(page, project)
    expect(_scrubber(page)).to_be_visible()
    expect(concept(page, "Rex")).to_be_visible()  # until then no key marks
    return page


def _scrubber(page: Page) -> Locator:
    """Return what stands there once all photos are listed."""
    return page.get_by_role("slider", name="Place in the photos")


def _sort(page: Page, order: str, first: str) -> None:
    page.get_by_role("combobox", name="Order").select_option(order)
    expect(photos(page).first).to_have_attribute("title", first)


def _expect_marked(page: Page, name: str) -> None:
    expect(photo(page, name)).to_have_accessible_name(f"{name}, marked Rex")


def test_a_double_click_on_see_why_deletes_nothing(gallery: Page, project: Project) -> None:
    Image.objects.bulk_create(
        ImageFactory.build(project=project, status="failed", error_code="damaged",
                           error_message="The file ends too early.")
        for _ in range(101)
    )  # fmt: skip
    asked: list[str] = []
    gallery.on("request", lambda request: asked.append(request.url))
    gallery.reload()
    why = gallery.get_by_role("button", name="See why")
    delete = gallery.get_by_role("button", name=re.compile("^Delete (it|them)$"))
    with _held(gallery, "**/images?status=failed*"):
        why.click()
        expect(why).to_be_hidden()
        expect(delete).to_be_hidden()  # what is shown is not what could not be read
    delete.hover()
    gallery.mouse.down(click_count=2)
    gallery.mouse.up(click_count=2)
    delete.click()
    expect(photos(gallery)).to_have_count(0)
    assert len([url for url in asked if url.endswith("/images/delete")]) == 1
    assert project.images.count() == COUNT


def test_a_photo_that_comes_while_all_are_deleted_stays(gallery: Page, project: Project) -> None:
    gallery.keyboard.press("Control+a")
    expect(gallery.get_by_text(f"{COUNT} photos chosen")).to_be_visible()
    gallery.keyboard.press("Delete")
    with _held(gallery, "**/images/delete"):
        gallery.get_by_role("dialog").get_by_role("button", name="Delete").click()
        newcomer = ImageFactory(project=project, filename="newcomer.jpg")
    expect(photos(gallery)).to_have_count(1)
    expect(photo(gallery, "newcomer.jpg")).to_be_visible()
    assert list(project.images.all()) == [newcomer]


def test_who_scrolls_before_all_are_listed_stays_there(gallery: Page) -> None:
    with _held(gallery, OUTLINE):
        _sort(gallery, "oldest", "000.jpg")
        gallery.mouse.move(600, 400)
        gallery.mouse.wheel(0, 1_500)
        gallery.wait_for_function("() => scrollY > 1000")
    expect(_scrubber(gallery)).to_be_visible()
    assert gallery.evaluate("scrollY") > 1_000


def test_a_mark_on_its_way_stays_in_other_lists(gallery: Page) -> None:
    with _held(gallery, "**/labels/many"):
        photo(gallery, "209.jpg").click()
        gallery.keyboard.press("1")
        _expect_marked(gallery, "209.jpg")
        _sort(gallery, "oldest", "000.jpg")
        expect(_scrubber(gallery)).to_be_visible()
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


def test_the_next_name_is_typed_while_the_last_is_on_its_way(gallery: Page) -> None:
    field = gallery.get_by_label("New concept")
    with _held(gallery, "**/concepts"):
        field.fill("Mia")
        field.press("Enter")
        field.fill("Bello")
    expect(concept(gallery, "Mia")).to_be_visible()
    expect(field).to_have_value("Bello")
    told = {"error": {"code": "invalid", "message": "Not today."}}
    gallery.route("**/concepts", lambda route: route.fulfill(status=400, json=told))
    field.press("Enter")
    expect(gallery.get_by_text("Not today.")).to_be_visible()
    expect(field).to_have_value("Bello")


def test_not_all_are_chosen_once_another_choice_was_made(gallery: Page) -> None:
    with _held(gallery, OUTLINE):
        gallery.reload()
        expect(photo(gallery, "209.jpg")).to_be_visible()
        gallery.keyboard.press("a")
        gallery.keyboard.press("Escape")
        photo(gallery, "209.jpg").click()
        expect(chosen(gallery)).to_have_count(1)
    expect(_scrubber(gallery)).to_be_visible()
    expect(gallery.get_by_text("1 photo chosen")).to_be_visible()


def test_a_click_chooses_what_was_clicked_before_others_are_drawn(gallery: Page) -> None:
    gallery.evaluate(_HOLD_FRAMES)
    drop(gallery, {"new.jpg": jpeg("red")})
    expect(gallery.get_by_text(f"{COUNT + 1} photos")).to_be_visible()
    photo(gallery, "209.jpg").click()
    gallery.evaluate("goOn()")
    expect(photo(gallery, "new.jpg")).to_be_visible()
    expect(photo(gallery, "209.jpg")).to_have_attribute("aria-selected", "true")
    expect(chosen(gallery)).to_have_count(1)
    expect(gallery.get_by_text("1 photo added")).to_be_visible()


def test_a_box_ends_though_what_it_touches_is_gone(gallery: Page, project: Project) -> None:
    errors: list[Error] = []
    gallery.on("pageerror", lambda error: errors.append(error))
    rex = project.concepts.get()
    LabelFactory(image=project.images.get(filename="000.jpg"), concept=rex)
    open_photos(gallery, project, "?concept=Rex&label=positive")
    expect(photos(gallery)).to_have_count(1)
    expect(concept(gallery, "Rex")).to_contain_text("✓ 1")
    gallery.get_by_role("button", name="All photos").click()
    box = photo(gallery, "209.jpg").bounding_box()
    assert box
    gallery.mouse.move(box["x"] + 5, box["y"] + 5)
    gallery.mouse.down()
    gallery.evaluate(_HOLD_FRAMES)
    gallery.mouse.move(box["x"] + 400, box["y"] + 100, steps=3)
    gallery.go_back()
    expect(gallery.get_by_text("1 photo", exact=True)).to_be_visible()
    gallery.mouse.up()
    gallery.evaluate("goOn()")
    expect(gallery.locator(".drag-box")).to_be_hidden()
    expect(gallery.get_by_role("toolbar", name="Chosen photos")).to_be_hidden()
    assert errors == []


def test_concepts_that_come_late_are_offered(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    sign_in(joined(project, "labeller"))
    palette = page.get_by_role("dialog", name="Mark 1 photo as…")
    with _held(page, "**/summary"):
        open_photos(page, project)
        photo(page, "209.jpg").click()
        page.keyboard.press("c")
        expect(palette).to_contain_text("There is no such concept.")
        page.keyboard.press("ArrowDown")
    expect(palette.get_by_role("option", name="Rex", selected=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(concept(page, "Rex")).to_contain_text("✓ 1")
