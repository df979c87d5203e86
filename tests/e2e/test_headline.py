"""The figure in the header tells a person who knows no other what to expect."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import member, open_photos
from tests.factories import ConceptFactory, ImageFactory, LabelFactory, ProjectFactory
from webapp.models import Project, User, Version


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": max(0.0, value - 0.1), "high": min(1.0, value + 0.1)}


def judged(name: str, recall: float, precision: float, support: int = 14) -> dict[str, Any]:
    found = {"recall": figure(recall), "precision": figure(precision)}
    return {"concept": name, "support": support, "negatives": 30, **found}


@pytest.fixture
def header(page: Page, transactional_db: None, sign_in: Callable[[User], None]) -> Any:
    """Open a project whose version was found to be so good; return the header's panel."""

    def header(accuracy: float, *concepts: dict[str, Any]) -> Any:
        project = taught(accuracy, *concepts)
        sign_in(member(project))
        open_photos(page, project)
        return page.locator("#train")

    return header


def taught(accuracy: float, *concepts: dict[str, Any]) -> Project:
    project = ProjectFactory(name="Places")
    image = ImageFactory(project=project)
    for one in concepts:
        LabelFactory(image=image, concept=ConceptFactory(project=project, name=one["concept"]))
    evaluation = {"concepts": list(concepts), "accuracy": figure(accuracy), "images": 44}
    project.version = Version.objects.create(
        project=project, number=1, fingerprint="none", artifact="none", concepts=[],
        evaluation={**evaluation, "wrong": []}, labels_revision=0, seconds=0.1,
    )  # fmt: skip
    project.save()
    return project


def test_what_it_hides_stands_beside_it_in_plain_words(header: Any, page: Page) -> None:
    panel = header(1.0, judged("Lake", 0.95, 1.0), judged("Hut", 0.07, 1.0))
    expect(panel.get_by_text("right 100 %")).to_be_visible()
    expect(panel.get_by_text("but it misses most of Hut")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(panel.get_by_text("100 %").first).to_be_in_viewport(ratio=1)
    panel.get_by_role("button", name="But it misses most of Hut").click()
    expect(page.get_by_text("It misses most of Hut. How often")).to_be_visible()


@pytest.mark.parametrize(
    ("recall", "precision", "said"),
    [
        (0.6, 0.9, "but it misses much of Hut"),
        (0.9, 0.6, "but it is often wrong when it says Hut"),
        (0.9, 0.3, "but it is mostly wrong when it says Hut"),
    ],
)
def test_it_says_how_a_concept_fails(
    header: Any, recall: float, precision: float, said: str
) -> None:
    expect(header(0.95, judged("Hut", recall, precision)).get_by_text(said)).to_be_visible()


def test_the_weakest_is_named_and_others_counted(header: Any) -> None:
    panel = header(0.95, judged("Hut", 0.4, 1.0), judged("Lake", 0.1, 1.0))
    expect(panel.get_by_text("but it misses most of Lake, and 1 more is weak")).to_be_visible()


@pytest.mark.parametrize(
    ("accuracy", "concept"),
    [
        (0.95, judged("Hut", 0.8, 0.9)),
        (0.7, judged("Hut", 0.6, 0.6)),  # as the figure says
        (0.95, judged("Hut", 0.1, 1.0, support=3)),  # too few to say so
    ],
    ids=["good", "no better in all", "few"],
)
def test_where_it_hides_nothing_nothing_is_said(
    header: Any, accuracy: float, concept: dict[str, Any]
) -> None:
    panel = header(accuracy, concept)
    expect(panel.get_by_text("of the time on unseen photos")).to_be_visible()
    expect(panel.get_by_text("but it")).to_be_hidden()
