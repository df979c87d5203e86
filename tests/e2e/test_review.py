"""Reviewing: one picture by one key, many at once, and every verdict can be taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import concept, hold_next, marks, member
from tests.factories import (
    ConceptFactory,
    ImageFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
)
from webapp.models import Project, User, Version

FIGURE = {"value": 0.7, "low": 0.4, "high": 0.9}


@pytest.fixture
def project(transactional_db: None) -> Project:
    """A project that was taught, with eight unmarked matches and two that are none."""
    project = ProjectFactory()
    rex = ConceptFactory(project=project, name="Rex")
    for number in range(10):
        image = ImageFactory(project=project, filename=f"{number}.jpg")
        PredictionFactory(image=image, concept=rex, probability=0.9 if number < 8 else 0.1)
    judged = {"concept": "Rex", "support": 7, "negatives": 3, "recall": FIGURE, "precision": FIGURE}
    project.version = Version.objects.create(
        project=project,
        number=1,
        fingerprint="none",
        artifact="none",
        concepts=[{"id": rex.pk, "name": "Rex", "threshold": 0.5}],
        evaluation={"concepts": [judged], "accuracy": FIGURE, "images": 10, "wrong": []},
        labels_revision=0,
        seconds=0.1,
    )
    project.save()
    return project


@pytest.fixture
def review(page: Page, project: Project, sign_in: Callable[[User], None]) -> Page:
    sign_in(member(project))
    page.goto(f"/projects/{project.pk}/review/")
    expect(page.get_by_role("heading", name="Is this Rex?")).to_be_visible()
    return page


def test_many_are_confirmed_at_once_but_for_those_clicked(review: Page, project: Project) -> None:
    review.get_by_role("button", name="Confirm many").click()
    expect(review.get_by_role("heading", name="Are these all Rex?")).to_be_visible()
    review.get_by_role("button", name="3.jpg").click()
    button = review.get_by_role("button", name="Confirm 7 photos, not the one clicked")
    review.set_viewport_size({"width": 390, "height": 844})
    button.click(trial=True)  # a phone's tabs do not lie over it
    review.set_viewport_size({"width": 1280, "height": 800})
    button.click()
    expect(concept(review, "Rex")).to_contain_text("✓ 7")
    expect(review.get_by_text("There is no unmarked match.")).to_be_visible()
    assert dict(marks(project)) == {f"{n}.jpg": n != 3 for n in range(8)}
    review.keyboard.press("Control+z")
    expect(review.get_by_role("button", name="Confirm all 8")).to_be_visible()
    assert dict(marks(project)) == {}


def test_many_that_arrive_late_leave_the_place_that_is_looked_at_by_then(
    review: Page, project: Project
) -> None:
    held = hold_next(review, "**/labels/many")
    review.get_by_role("button", name="Confirm many").click()
    review.get_by_role("button", name="Confirm all 8").click()
    review.get_by_role("button", name="Least certain").click()
    expect(review.get_by_text("1 of 10")).to_be_visible()
    for _ in range(2):
        review.keyboard.press("s")
    expect(review.get_by_text("3 of 10")).to_be_visible()
    held[0].continue_()
    expect(concept(review, "Rex")).to_contain_text("✓ 8")
    expect(review.get_by_text("3 of 10")).to_be_visible()


def test_what_was_clicked_for_one_concept_is_not_out_for_another(
    review: Page, project: Project
) -> None:
    review.get_by_role("button", name="Confirm many").click()
    review.get_by_role("button", name="3.jpg").click()
    expect(review.get_by_role("button", name="not the one clicked")).to_be_visible()
    review.get_by_role("button", name="Least certain").click()
    expect(review.get_by_text("1 of 10")).to_be_visible()
    review.get_by_role("button", name="Confirm many").click()
    expect(review.get_by_role("button", name="Confirm all 8")).to_be_visible()


def test_a_verdict_is_taken_back_by_key_and_a_skip_takes_none_with_it(
    review: Page, project: Project
) -> None:
    shown = review.get_by_role("figure").get_by_role("img")
    first = shown.get_attribute("alt")
    review.keyboard.press("y")
    expect(review.get_by_text("2 of 10")).to_be_visible()
    expect(review.get_by_text("Marked 1 photo Rex.")).to_be_visible()
    expect(review.get_by_role("button", name="Undo")).to_have_count(0)  # Back knows the place
    review.keyboard.press("s")
    expect(review.get_by_text("3 of 10")).to_be_visible()
    review.keyboard.press("z")
    expect(review.get_by_text("2 of 10")).to_be_visible()
    expect(concept(review, "Rex")).to_contain_text("✓ 1")
    review.keyboard.press("Control+z")
    expect(shown).to_have_attribute("alt", first or "")
    expect(concept(review, "Rex")).to_contain_text("✓ 0")
    assert dict(marks(project)) == {}


def test_a_likely_mistake_tells_what_is_said_without_the_mark(
    review: Page, project: Project
) -> None:
    image = project.images.get(filename="0.jpg")
    LabelFactory(image=image, concept=project.concepts.get(), is_positive=True)
    version = project.version
    assert version
    wrong = {"image": image.pk, "concept": "Rex", "label": 1, "probability": 0.21}
    version.evaluation = {**version.evaluation, "wrong": [wrong]}
    version.save()
    review.reload()
    review.get_by_role("button", name="Likely mistakes 1").click()
    expect(review.get_by_role("figure")).to_contain_text(
        "Without this mark, Pupil would say 21 % · you said Rex"
    )
