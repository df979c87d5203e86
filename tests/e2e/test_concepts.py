"""A concept gets another name, or goes, while somebody marks: here, or elsewhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import (
    concept,
    hold_next,
    holding,
    joined,
    marks,
    member,
    open_photos,
    open_to_mark,
    photo,
)
from tests.factories import ConceptFactory, pets
from webapp.models import Project, User
from webapp.services import concepts

MARK = "**/labels/many"


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(f"{number}.jpg" for number in range(4))


@pytest.fixture
def gallery(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    ConceptFactory(project=project, name="Tom")
    ConceptFactory(project=project, name="Mia")
    sign_in(member(project))
    open_to_mark(page, project, "Mia")
    expect(photo(page, "3.jpg")).to_be_visible()
    return page


def test_what_was_said_is_taken_back_though_the_concept_has_another_name(
    gallery: Page, project: Project
) -> None:
    photo(gallery, "3.jpg").click()
    gallery.keyboard.press("1")
    expect(concept(gallery, "Rex")).to_contain_text("✓ 1")
    _call_rex_max(gallery)
    expect(concept(gallery, "Max")).to_contain_text("✓ 1")
    gallery.keyboard.press("z")
    expect(concept(gallery, "Max")).to_contain_text("✓ 0")
    assert marks(project) == set()
    assert _names(project) == {"Max", "Tom", "Mia"}


def test_marks_on_their_way_arrive_though_the_concept_has_another_name(
    gallery: Page, project: Project
) -> None:
    held = hold_next(gallery, MARK)
    gallery.keyboard.press("ArrowRight")
    for _ in range(2):
        gallery.keyboard.press("1")
    _call_rex_max(gallery)
    expect(concept(gallery, "Max")).to_be_visible()
    held[0].abort()  # it goes again, and then the other
    expect(concept(gallery, "Max")).to_contain_text("✓ 2")
    assert _names(project) == {"Max", "Tom", "Mia"}


@pytest.fixture
def away(gallery: Page) -> Page:
    """Return a page that cannot reach the server with what is marked, until it is unrouted."""
    gallery.route(MARK, lambda route: route.abort())
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("1")
    expect(gallery.get_by_text("What you mark is kept here until it is back.")).to_be_visible()
    return gallery


def test_what_was_taken_back_while_it_waited_is_of_the_new_name(
    away: Page, project: Project
) -> None:
    away.keyboard.press("z")
    away.keyboard.press("2")  # from here on nothing can be done again
    concepts.update(concept=project.concepts.get(name="Rex"), name="Max")
    expect(concept(away, "Max")).to_be_visible()
    away.unroute_all()
    expect(concept(away, "Tom")).to_contain_text("✓ 1")
    assert _names(project) == {"Max", "Tom", "Mia"}


def test_marks_that_wait_do_not_bring_back_a_concept_that_was_deleted(
    away: Page, project: Project
) -> None:
    away.keyboard.press("1")
    away.keyboard.press("z")
    expect(away.locator(".mark")).to_have_count(1)
    concepts.delete(concept=project.concepts.get(name="Rex"), user=project.members.first())
    expect(concept(away, "Rex")).to_have_count(0)
    away.unroute_all()
    away.keyboard.press("1")  # it is Tom's now
    expect(concept(away, "Tom")).to_contain_text("✓ 1")
    assert _names(project) == {"Tom", "Mia"}
    expect(away.locator(".mark")).to_have_count(1)  # what was shown of Rex is gone, too


def test_concepts_that_come_late_are_offered(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    sign_in(joined(project, "labeller"))
    palette = page.get_by_role("dialog", name="Mark 1 photo as…")
    with holding(page, "**/summary"):
        open_photos(page, project)
        photo(page, "3.jpg").click()
        page.keyboard.press("c")
        expect(palette).to_contain_text("There is no such concept.")
        page.keyboard.press("ArrowDown")
    expect(palette.get_by_role("option", name="Rex", selected=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(concept(page, "Rex")).to_contain_text("✓ 1")


def test_what_is_highlighted_stays_so_though_another_concept_goes(
    gallery: Page, project: Project
) -> None:
    photo(gallery, "3.jpg").click()
    gallery.keyboard.press("c")
    palette = gallery.get_by_role("dialog", name="Mark 1 photo as…")
    gallery.keyboard.press("ArrowDown")
    expect(palette.get_by_role("option", name="Tom", selected=True)).to_be_visible()
    concepts.delete(concept=project.concepts.get(name="Rex"), user=project.members.first())
    expect(palette.get_by_role("option")).to_have_text(["Tom", "Mia"])
    gallery.keyboard.press("Enter")
    expect(concept(gallery, "Tom")).to_contain_text("✓ 1")


def test_nothing_is_highlighted_in_place_of_what_went(gallery: Page, project: Project) -> None:
    photo(gallery, "3.jpg").click()
    gallery.keyboard.press("c")
    palette = gallery.get_by_role("dialog", name="Mark 1 photo as…")
    expect(palette.get_by_role("option", name="Rex", selected=True)).to_be_visible()
    concepts.delete(concept=project.concepts.get(name="Rex"), user=project.members.first())
    expect(palette.get_by_role("option")).to_have_text(["Tom", "Mia"])
    expect(palette.get_by_role("option", selected=True)).to_have_count(0)
    gallery.keyboard.press("Enter")
    gallery.keyboard.press("ArrowDown")
    gallery.keyboard.press("Enter")
    expect(concept(gallery, "Tom")).to_contain_text("✓ 1")


def _call_rex_max(page: Page) -> None:
    page.get_by_role("button", name="Change Rex").click()
    page.get_by_role("button", name="Rename…").click()
    page.get_by_role("textbox", name="Name").fill("Max")
    page.get_by_role("button", name="Rename", exact=True).click()


def _names(project: Project) -> set[str]:
    return {one.name for one in project.concepts.all()}
