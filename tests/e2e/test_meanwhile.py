"""What is done while an answer is on its way stands, and one that comes late does no harm."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.pages import (
    chosen,
    concept,
    drop,
    holding,
    member,
    open_photos,
    open_whole,
    photo,
    photos,
)
from tests.factories import ImageFactory, LabelFactory, jpeg, pets
from webapp.models import Image, Project, User

COUNT = 210  # the rest of the list comes after its first page, and all are marked by the filter
OUTLINE = "**/images/outline*"

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


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(f"{number:03}.jpg" for number in range(COUNT))


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    open_whole(page, project)
    return page


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
    with holding(gallery, "**/images?status=failed*"):
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


def test_the_next_name_is_typed_while_the_last_is_on_its_way(gallery: Page) -> None:
    field = gallery.get_by_label("New concept")
    with holding(gallery, "**/concepts"):
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
