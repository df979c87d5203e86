"""Where a version counts a concept as found: moved, kept, and what follows from it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sklearn import metrics

from tests.e2e.pages import hold_next, member
from tests.factories import ProjectFactory
from tests.webapp.taught import teach_twice
from webapp.models import Project, User

FIGURES = ("precision", "recall", "f1", "average_precision")


@pytest.fixture
def project(page: Page, transactional_db: None, sign_in: Callable[[User], None]) -> Project:
    """Return a project that was taught twice, and that its member looks at."""
    project: Project = ProjectFactory()
    teach_twice(project, member(project))
    sign_in(member(project))
    return project


def test_the_sliders_figures_are_those_of_scikit_learn(page: Page, project: Project) -> None:
    with page.expect_response("**/predictions?*") as response:
        page.goto(f"/projects/{project.pk}/versions/1/?concept=Rex")
    judged = response.value.json()["predictions"]
    labels = [one["label"] > 0 for one in judged]
    probabilities = [one["probability"] for one in judged]
    slider = page.get_by_role("slider", name="Counts as Rex from")
    for threshold in (0.05, 0.3, 0.55, 0.8):
        slider.fill(str(threshold))
        found = [probability >= threshold for probability in probabilities]
        expected = [
            metrics.precision_score(labels, found, zero_division=0),
            metrics.recall_score(labels, found),
            metrics.f1_score(labels, found),
            metrics.average_precision_score(labels, probabilities),
        ]
        shown = [page.locator(f"[data-figure={name}]") for name in FIGURES]
        values = [float(each.get_attribute("data-value") or 0) for each in shown]
        assert values == pytest.approx(expected, abs=1e-9)


def test_a_threshold_is_kept_and_mistakes_are_put_right(page: Page, project: Project) -> None:
    page.goto(f"/projects/{project.pk}/versions/2/?concept=Rex")
    page.get_by_role("slider", name="Counts as Rex from").fill("0.9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("counts Rex as found from 90 %")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Counts as Rex from 90 %")).to_be_visible()
    page.get_by_role("slider", name="Counts as Rex from").fill("0.99")
    missed = page.get_by_role("region", name="Rex, not found")
    wrong = missed.get_by_role("button", name="The label is wrong")
    before = project.concepts.get(name="Rex").labels.filter(is_positive=False).count()
    wrong.first.click()
    expect(missed.get_by_text("Marked anew")).to_be_visible()
    assert project.concepts.get(name="Rex").labels.filter(is_positive=False).count() == before + 1
    cell = page.get_by_role("button", name=re.compile("^Tom found: 6 photos"))
    cell.click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Tom found")).to_be_visible()


def _keep(page: Page, project: Project, query: str) -> None:
    """Have Rex count as found from 90 %."""
    page.goto(f"/projects/{project.pk}/versions/2/{query}")
    page.get_by_role("slider", name="Counts as Rex from").fill("0.9")
    page.get_by_role("button", name="Save").click()


def _keep_late(page: Page, project: Project, query: str) -> list[Route]:
    """The same, while the server has not heard of it yet."""
    held = hold_next(page, "**/threshold")
    _keep(page, project, query)
    return held


def test_a_threshold_that_is_kept_late_leaves_the_concept_that_is_looked_at_by_then(
    page: Page, project: Project
) -> None:
    held = _keep_late(page, project, "?concept=Rex")
    with page.expect_response("**/predictions?*concept=Tom*"):
        page.get_by_role("region", name="Concepts").get_by_role("button", name="Tom").click()
    page.get_by_role("slider", name="Counts as Tom from").fill("0.8")
    with page.expect_response("**/evaluation*"):
        held[0].continue_()
    expect(page.get_by_text("version 2 counts Rex as found from 90 %")).to_be_visible()
    expect(page.get_by_text("Counts as Tom from 80 %")).to_be_visible()


def test_a_threshold_that_is_kept_late_leaves_where_the_slider_is_by_then(
    page: Page, project: Project
) -> None:
    held = _keep_late(page, project, "?concept=Rex")
    slider = page.get_by_role("slider", name="Counts as Rex from")
    save = page.get_by_role("button", name="Save")
    slider.fill("0.7")
    save.click()  # it waits for the first
    slider.fill("0.6")
    with page.expect_response("**/threshold"):
        held[0].continue_()
    expect(page.get_by_text("version 2 counts Rex as found from 70 %")).to_be_visible()
    expect(page.get_by_text("Counts as Rex from 60 %")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Counts as Rex from 70 %")).to_be_visible()


def test_a_threshold_that_is_kept_late_is_shown_though_other_photos_judge_by_then(
    page: Page, project: Project
) -> None:
    held = _keep_late(page, project, "?concept=Rex&source=test")
    _judge_by_those_learnt_from(page)
    with page.expect_response("**/evaluation*"):
        held[0].continue_()
    expect(page.get_by_text("Counts as Rex from 90 %")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_what_was_told_of_a_version_before_it_changed_is_not_shown_after(
    page: Page, project: Project
) -> None:
    older = page.request.get(f"/api/v1/projects/{project.pk}/versions/2").json()
    _keep(page, project, "?concept=Rex&source=test")
    expect(page.get_by_text("counts Rex as found from 90 %")).to_be_visible()
    page.route("**/versions/2", lambda route: route.fulfill(json=older))
    _judge_by_those_learnt_from(page)
    expect(page.get_by_text("Counts as Rex from 90 %")).to_be_visible()


def _judge_by_those_learnt_from(page: Page) -> None:
    judge = page.get_by_role("group", name="Judged by").get_by_role("button", name="each hidden")
    with page.expect_response("**/predictions?*source=left_out*") as answered:
        judge.click()
    answered.value.finished()
    expect(judge).to_have_attribute("aria-pressed", "true")
