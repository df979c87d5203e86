"""Choosing and marking, by mouse and by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import (
    READY_MS,
    chosen,
    concept,
    drop,
    joined,
    marks,
    member,
    open_photos,
    open_to_mark,
    photo,
    photos,
)
from tests.factories import (
    ConceptFactory,
    ImageFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
    jpeg,
    pets,
)
from webapp.models import Project, User


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(f"{number:02}.jpg" for number in range(30))


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    open_to_mark(page, project)
    expect(page.get_by_text("30 photos")).to_be_visible()
    expect(photo(page, "29.jpg")).to_be_visible()
    return page


def test_a_box_chooses_what_it_touches(gallery: Page) -> None:
    first, last = photo(gallery, "29.jpg").bounding_box(), photo(gallery, "24.jpg").bounding_box()
    assert first
    assert last
    gallery.mouse.move(first["x"] + 5, first["y"] + 5)
    gallery.mouse.down()
    gallery.mouse.move(last["x"] + 20, last["y"] + 20, steps=6)
    gallery.mouse.up()
    for name in ("29.jpg", "24.jpg"):
        expect(photo(gallery, name)).to_have_attribute("aria-selected", "true")
    assert chosen(gallery).count() < 30
    gallery.keyboard.press("Escape")
    expect(chosen(gallery)).to_have_count(0)


def test_chosen_pictures_are_dragged_onto_a_concept(gallery: Page, project: Project) -> None:
    for name in ("29.jpg", "28.jpg"):
        photo(gallery, name).click()
    photo(gallery, "28.jpg").hover()
    gallery.mouse.down()
    row = concept(gallery, "Rex").bounding_box()
    assert row
    gallery.mouse.move(row["x"] + 40, row["y"] + 20, steps=5)
    expect(gallery.get_by_text("2 photos: Rex")).to_be_visible()
    gallery.mouse.up()
    expect(concept(gallery, "Rex")).to_contain_text("✓ 2")
    assert marks(project) == {("29.jpg", True), ("28.jpg", True)}


def test_everything_goes_by_keyboard(gallery: Page, project: Project) -> None:
    gallery.keyboard.press("ArrowRight")  # the first press shows where the keyboard is
    gallery.keyboard.press("Space")
    gallery.keyboard.press("Shift+ArrowRight")
    gallery.keyboard.press("Shift+ArrowRight")
    gallery.keyboard.press("Shift+ArrowLeft")
    expect(chosen(gallery)).to_have_count(2)
    gallery.keyboard.press("1")
    expect(concept(gallery, "Rex")).to_contain_text("✓ 2")
    gallery.keyboard.press("Escape")
    gallery.keyboard.press("End")
    gallery.keyboard.press("Shift+Digit1")
    expect(concept(gallery, "Rex")).to_contain_text("✕ 1")
    assert marks(project) == {("29.jpg", True), ("28.jpg", True), ("00.jpg", False)}
    gallery.keyboard.press("z")
    expect(concept(gallery, "Rex")).to_contain_text("✕ 0")
    gallery.keyboard.press("y")
    expect(concept(gallery, "Rex")).to_contain_text("✕ 1")
    gallery.keyboard.press("a")
    expect(gallery.get_by_text("30 photos chosen")).to_be_visible()


def test_marking_one_by_one_takes_one_key_each(gallery: Page, project: Project) -> None:
    gallery.keyboard.press("ArrowRight")
    for number in range(30):
        gallery.keyboard.press("1" if number % 2 else "Shift+Digit1")
    both = re.compile("✓ 15.*✕ 15", re.DOTALL)
    expect(concept(gallery, "Rex")).to_contain_text(both, timeout=READY_MS)  # sent one by one
    assert len(marks(project)) == 30


def test_the_palette_makes_a_concept_andmarks(gallery: Page, project: Project) -> None:
    photo(gallery, "07.jpg").click()
    gallery.keyboard.press("c")
    gallery.keyboard.type("Mia")
    expect(gallery.get_by_role("option", name="New concept “Mia”")).to_be_visible()
    gallery.keyboard.press("Enter")
    expect(concept(gallery, "Mia")).to_contain_text("✓ 1")
    photo(gallery, "08.jpg").click()
    gallery.keyboard.press("/")
    gallery.keyboard.type("re")
    gallery.keyboard.press("Shift+Enter")
    expect(concept(gallery, "Rex")).to_contain_text("✕ 1")
    assert marks(project) == {("07.jpg", True), ("08.jpg", False)}


def test_who_may_only_look_is_offered_nothing_else(
    gallery: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    sign_in(joined(project, "viewer"))
    open_photos(gallery, project)
    expect(concept(gallery, "Rex")).to_be_visible()
    photo(gallery, "29.jpg").click()
    expect(gallery.get_by_role("toolbar", name="Chosen photos")).to_be_visible()
    for name in ("Train", "Add photos", "Change Rex", "Delete", "Mark as…"):
        expect(gallery.get_by_role("button", name=name)).to_have_count(0)


def test_all_photos_shows_all_after_a_filter(gallery: Page, project: Project) -> None:
    rex = project.concepts.get()
    LabelFactory(image=project.images.get(filename="07.jpg"), concept=rex)
    open_photos(gallery, project, "?concept=Rex&label=positive")
    expect(photos(gallery)).to_have_count(1)
    gallery.get_by_role("button", name="All photos").click()
    expect(gallery.get_by_text("30 photos")).to_be_visible()
    expect(photo(gallery, "29.jpg")).to_be_visible()


def test_a_filter_stays_though_the_project_cannot_be_read(gallery: Page, project: Project) -> None:
    rex = project.concepts.get()
    LabelFactory(image=project.images.get(filename="07.jpg"), concept=rex)
    gallery.route("**/summary", lambda route: route.fulfill(status=503))
    gallery.route("**/events", lambda route: route.abort())
    open_photos(gallery, project, "?concept=Rex&label=positive")
    expect(gallery.get_by_text("The connection to the server is lost.")).to_be_visible()
    gallery.unroute_all()
    expect(concept(gallery, "Rex")).to_contain_text("✓ 1")
    expect(photos(gallery)).to_have_count(1)
    expect(gallery).to_have_url(re.compile("concept=Rex&label=positive"))


def test_the_keyboard_stays_on_its_picture_while_others_come(
    gallery: Page, project: Project
) -> None:
    gallery.keyboard.press("ArrowRight")
    drop(gallery, {"new.jpg": jpeg("red")})
    expect(gallery.get_by_text("1 photo added")).to_be_visible()
    expect(photos(gallery).first).to_have_attribute("title", "new.jpg")
    gallery.keyboard.press("1")
    expect(concept(gallery, "Rex")).to_contain_text("✓ 1")
    assert marks(project) == {("29.jpg", True)}


def test_names_are_only_ever_text(page: Page, sign_in: Callable[[User], None]) -> None:
    evil = "<img src=x onerror=alert(1)>"
    project = ProjectFactory(name="<script>alert(1)</script>")
    ImageFactory(project=project, filename=evil, status="failed", error_code="damaged",
                         error_message="<b>broken</b>")  # fmt: skip
    fine = ImageFactory(project=project, filename="fine.jpg")
    named = ConceptFactory(project=project, name="<script>alert(2)</script>")
    PredictionFactory(image=fine, concept=named, probability=0.9)
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as a script: {dialog.message}"))
    sign_in(member(project))
    page.goto("/")
    expect(page.get_by_role("link", name=project.name)).to_be_visible()
    open_photos(page, project)
    expect(photo(page, evil)).to_contain_text("<b>broken</b>")
    concept(page, named.name).get_by_role("button").first.click()
    expect(photo(page, "fine.jpg")).to_have_accessible_name(f"fine.jpg, {named.name}: 90 %")
    photo(page, "fine.jpg").click()
    page.keyboard.press("1")
    expect(page.get_by_text(f"Marked 1 photo {named.name}.")).to_be_visible()


def test_what_could_not_be_read_says_why_and_goes(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    ImageFactory(project=project, filename="torn.jpg", status="failed", error_code="damaged",
                 error_message="The file ends too early.")  # fmt: skip
    sign_in(member(project))
    open_photos(page, project)
    page.get_by_role("button", name="See why").click()
    expect(photos(page)).to_have_count(1)
    expect(photo(page, "torn.jpg")).to_contain_text("The file ends too early.")
    page.get_by_role("button", name="Delete it").click()
    expect(photos(page)).to_have_count(0)
    assert not project.images.filter(filename="torn.jpg").exists()


def test_new_photos_are_offered_not_forced(gallery: Page, project: Project) -> None:
    before = photos(gallery).first.get_attribute("title")
    newcomer = ImageFactory(project=project, filename="newcomer.jpg")
    gallery.reload()
    expect(gallery.get_by_text("31 photos")).to_be_visible()
    expect(concept(gallery, "Rex")).to_be_visible()  # until then no key marks
    ImageFactory(project=project, filename="second newcomer.jpg")
    photo(gallery, "28.jpg").click()
    gallery.keyboard.press("1")  # any event makes the page look
    offer = gallery.get_by_role("button", name="There are new photos. Show them")
    expect(offer).to_be_visible()
    expect(photos(gallery).first).to_have_attribute("title", newcomer.filename)
    offer.click()
    expect(photos(gallery).first).to_have_attribute("title", "second newcomer.jpg")
    assert before == "29.jpg"
