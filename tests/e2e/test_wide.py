"""A gallery of thousands: every place is a step away, and what matches is marked as one."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import (
    chosen,
    concept,
    hold_next,
    member,
    open_photos,
    open_whole,
    photo,
    scrubber,
)
from tests.factories import ConceptFactory, ImageFactory, PredictionFactory, ProjectFactory, pets
from webapp.models import Image, Label, Prediction, Project, User

COUNT = 3000
DELETED_MS = 60_000


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(f"{number:04}.jpg" for number in range(COUNT))


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    open_whole(page, project)
    expect(page.get_by_text("3,000 photos")).to_be_visible()
    return page


def test_any_place_is_one_step_away(gallery: Page) -> None:
    slider = scrubber(gallery)
    slider.focus()
    gallery.keyboard.press("End")
    expect(photo(gallery, "0000.jpg")).to_be_visible()
    gallery.keyboard.press("Home")
    expect(photo(gallery, "2999.jpg")).to_be_visible()
    box = slider.bounding_box()
    assert box
    gallery.mouse.click(box["x"] + 10, box["y"] + box["height"] / 2)
    expect(photo(gallery, "1499.jpg")).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\d+ \w+ \d{4}"))
    gallery.mouse.move(box["x"] + 10, box["y"] + 40)
    gallery.mouse.down()
    gallery.mouse.move(box["x"] + 10, box["y"] + box["height"] - 40, steps=4)
    gallery.mouse.up()
    expect(photo(gallery, "1499.jpg")).to_have_count(0)
    expect(chosen(gallery)).to_have_count(0)  # going there chooses nothing


def test_all_that_match_are_marked_and_taken_back(gallery: Page, project: Project) -> None:
    photo(gallery, "2999.jpg").click()
    gallery.get_by_role("button", name="All 3,000").click()
    gallery.keyboard.press("1")
    expect(concept(gallery, "Rex")).to_contain_text(f"✓ {COUNT}")
    assert Label.objects.filter(concept__project=project, is_positive=True).count() == COUNT
    gallery.keyboard.press("Control+z")
    expect(concept(gallery, "Rex")).to_contain_text("✓ 0")
    gallery.keyboard.press("Control+y")
    expect(concept(gallery, "Rex")).to_contain_text(f"✓ {COUNT}")


def test_a_photo_that_came_unseen_is_not_marked_with_all(gallery: Page, project: Project) -> None:
    newcomer = ImageFactory(project=project)
    photo(gallery, "2999.jpg").click()
    gallery.keyboard.press("1")
    expect(gallery.get_by_role("button", name="There are new photos")).to_be_visible()
    photo(gallery, "2998.jpg").click()
    gallery.get_by_role("button", name="All 3,000").click()
    gallery.keyboard.press("Shift+Digit1")
    expect(concept(gallery, "Rex")).to_contain_text(f"✕ {COUNT}")
    assert not newcomer.labels.exists()


def test_all_that_match_are_deleted(page: Page, sign_in: Callable[[User], None]) -> None:
    project = ProjectFactory()
    rex = ConceptFactory(project=project, name="Rex")
    kept = ImageFactory(project=project, filename="kept.jpg")
    many = [ImageFactory.build(project=project) for _ in range(700)]
    Prediction.objects.bulk_create(
        PredictionFactory.build(image=image, concept=rex, probability=0.9)
        for image in Image.objects.bulk_create(many)
    )
    PredictionFactory(image=kept, concept=rex, probability=0.1)
    sign_in(member(project))
    open_photos(page, project, "?concept=Rex&min=50&sort=-probability")
    expect(page.get_by_text("700 photos")).to_be_visible()
    page.keyboard.press("Control+a")
    expect(page.get_by_text("700 photos chosen")).to_be_visible()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Delete", exact=True).last.click()
    expect(page.get_by_text("No photo is like that")).to_be_visible(timeout=DELETED_MS)
    assert list(project.images.all()) == [kept]


def test_a_large_picture_has_an_address_and_the_back_button_closes_it(
    gallery: Page, project: Project
) -> None:
    photo(gallery, "2998.jpg").dblclick()
    large = gallery.get_by_role("dialog", name="Photo")
    expect(large.get_by_role("heading", name="2998.jpg")).to_be_visible()
    gallery.keyboard.press("ArrowRight")
    expect(large.get_by_role("heading", name="2997.jpg")).to_be_visible()
    gallery.keyboard.press("1")
    expect(large.get_by_text("by you")).to_be_visible()  # who said so
    gallery.keyboard.press("Control+z")
    expect(large.get_by_role("button", name="Yes", pressed=True)).to_have_count(0)
    gallery.reload()
    expect(large.get_by_role("heading", name="2997.jpg")).to_be_visible()
    gallery.go_back()
    expect(large).to_be_hidden()
    expect(gallery).to_have_url(re.compile(r"/projects/\d+/$"))
    expect(chosen(gallery)).to_have_count(0)


def test_one_goes_on_from_a_picture_opened_by_its_address(gallery: Page, project: Project) -> None:
    gallery.goto(f"/projects/{project.pk}/?photo={project.images.get(filename='0005.jpg').pk}")
    large = gallery.get_by_role("dialog", name="Photo")
    expect(large.get_by_role("heading", name="0005.jpg")).to_be_visible()
    expect(large.get_by_role("button", name="Yes")).to_be_visible()
    gallery.keyboard.press("1")
    expect(large.get_by_role("button", name="Yes", pressed=True)).to_be_visible()
    gallery.keyboard.press("ArrowRight")
    expect(large.get_by_role("heading", name="0004.jpg")).to_be_visible()


def test_the_next_picture_comes_though_the_gallery_asks_for_its_own(
    gallery: Page, project: Project
) -> None:
    asks = "**/images?ids=*"
    five, four = (project.images.get(filename=name) for name in ("0005.jpg", "0004.jpg"))
    gallery.goto(f"/projects/{project.pk}/?photo={five.pk}")
    large = gallery.get_by_role("dialog", name="Photo")
    expect(large.get_by_role("heading", name=five.filename)).to_be_visible()
    expect(large.get_by_role("button", name="Yes")).to_be_visible()
    with gallery.expect_request(asks):
        held = hold_next(gallery, asks)
        gallery.keyboard.press("1")
    gallery.keyboard.press("ArrowRight")
    expect(gallery).to_have_url(re.compile(rf"photo={four.pk}$"))
    two_frames = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    gallery.evaluate(two_frames)  # the gallery has drawn itself, and told what it shows
    held[0].continue_()
    expect(large.get_by_role("heading", name=four.filename)).to_be_visible()
