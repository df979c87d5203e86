"""Two people say different things of a photo; an owner sees it and settles it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import hold_next, member, photos
from tests.e2e.test_access import is_wider_than_the_screen, violations
from tests.factories import ConceptFactory, ImageFactory, ProjectFactory, UserFactory
from webapp.models import Image, Label, User
from webapp.services import labels


@pytest.fixture
def pictures(transactional_db: None) -> list[Image]:
    """Three of Ann's, marked by her and by Ben, who says something else of the first."""
    ann, ben = UserFactory(email="ann@example.org"), UserFactory(email="ben@example.org")
    project = ProjectFactory(owner=ann)
    ConceptFactory(project=project, name="Rex", name_key="rex")
    ConceptFactory(project=project, name="Whiskers", name_key="whiskers")
    pictures = [ImageFactory(project=project) for _ in range(3)]
    for user, is_rex in ((ann, True), (ben, False)):
        said = [labels.Change(pictures[0].pk, "Rex", is_rex)]
        said += [labels.Change(picture.pk, "Rex", True) for picture in pictures[1:]]
        labels.set_labels(project=project, user=user, changes=said)
    return pictures


def test_seen_on_the_people_page_found_and_settled(
    page: Page, pictures: list[Image], sign_in: Callable[[User], None]
) -> None:
    project = pictures[0].project
    sign_in(member(project))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/projects/{project.pk}/people/")
    assert violations(page) == []
    assert not is_wider_than_the_screen(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("link", name="1 photo").click()
    expect(photos(page)).to_have_count(1)

    page.goto(f"/projects/{project.pk}/?photo={pictures[0].pk}")
    picture = page.get_by_role("dialog", name="Photo")
    expect(picture.get_by_text("Yes: you. No: ben@example.org.")).to_be_visible()
    assert violations(page) == []
    picture.get_by_role("button", name="Settle: yes").click()
    expect(picture.get_by_text("You disagree")).to_be_hidden()
    rex = picture.get_by_role("listitem").filter(has_text="Rex")
    expect(rex.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")


def test_the_photo_that_was_looked_at_is_settled_though_another_is_shown_by_then(
    page: Page, pictures: list[Image], sign_in: Callable[[User], None]
) -> None:
    disputed, other, _ = pictures
    held = hold_next(page, "**/labels/many")
    sign_in(member(disputed.project))
    page.goto(f"/projects/{disputed.project.pk}/?photo={disputed.pk}")
    picture = page.get_by_role("dialog", name="Photo")
    expect(picture.get_by_text("You disagree")).to_be_visible()
    page.keyboard.press("2")  # what is settled waits for this mark
    picture.get_by_role("button", name="Settle: yes").click()
    page.keyboard.press("ArrowLeft")
    expect(picture.get_by_role("heading", name=other.filename)).to_be_visible()
    with page.expect_response("**/settle"):
        held[0].continue_()
    assert [label.image for label in Label.objects.filter(is_settled=True)] == [disputed]
