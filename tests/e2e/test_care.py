"""Taking care of the examples: what hurts is mended, what looks alike is named."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.pages import concept, hold_next, joined, marks, member
from tests.factories import (
    ConceptFactory,
    LabelFactory,
    VersionFactory,
    pets,
)
from webapp.models import Finding, Label, Project, User
from webapp.services import concepts


@pytest.fixture
def project(transactional_db: None) -> Project:
    return pets(("garden.jpg", "street.jpg", "beach.jpg"))


def test_a_wrong_mark_is_mended_by_one_click(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    rex = project.concepts.get()
    mia = ConceptFactory(project=project, name="Mia")
    image = project.images.get(filename="garden.jpg")
    LabelFactory(image=image, concept=rex)
    Finding.objects.create(project=project, kind="wrong_label", image=image, concept=rex,
                           suggested=mia, score=0.9, gain=0.05)  # fmt: skip
    project.version = VersionFactory(project=project)
    project.save()
    sign_in(member(project))
    page.goto(f"/projects/{project.pk}/care/")
    with page.expect_response("**/mend"):
        page.get_by_role("button", name="Mark it Mia").click()
    expect(page.get_by_text("Nothing stands out")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing stands out")).to_be_visible()
    assert list(Label.objects.values_list("concept__name", "is_positive")) == [("Mia", True)]


def test_what_was_named_stays_away_though_an_older_list_comes_late(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    refused, named = (
        {"size": size, "ids": [image.pk], "images": []}
        for size, image in enumerate(project.images.all()[:2], start=2)
    )
    both = {"items": [refused, named]}
    no = {"error": {"code": "conflict", "message": "Rex went at this moment."}}
    # The last that matches answers: the first list, the one that is asked for anew, all others.
    page.route("**/clusters", lambda route: route.fulfill(json={"items": [refused]}))
    held = hold_next(page, "**/clusters")
    page.route("**/clusters", lambda route: route.fulfill(json=both), times=1)
    page.route("**/labels", lambda route: route.fulfill(status=409, json=no), times=1)
    sign_in(member(project))
    page.goto(f"/projects/{project.pk}/care/")
    with page.expect_request("**/clusters"):
        _name(page, size=2)
    with page.expect_response("**/labels"):
        _name(page, size=3)
    held[0].fulfill(json=both)
    expect(_field(page, size=2)).to_be_visible()
    expect(_field(page, size=3)).to_be_hidden()


def test_who_may_only_mark_is_offered_the_names_that_are_there(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    alike = {"size": 3, "ids": [image.pk for image in project.images.all()], "images": []}
    page.route("**/clusters", lambda route: route.fulfill(json={"items": [alike]}))
    sign_in(joined(project, "labeller"))
    page.goto(f"/projects/{project.pk}/care/")
    field = _field(page, size=3)
    expect(field.get_by_role("option")).to_have_text(["What are they?", "Rex"])
    field.select_option("Rex")
    page.get_by_role("button", name="Mark all").click()
    expect(concept(page, "Rex")).to_contain_text("✓ 3")


def test_a_name_that_was_chosen_stays_though_another_concept_goes(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    for name in ("Tom", "Mia"):
        ConceptFactory(project=project, name=name)
    alike = {"size": 3, "ids": [image.pk for image in project.images.all()], "images": []}
    page.route("**/clusters", lambda route: route.fulfill(json={"items": [alike]}))
    sign_in(joined(project, "labeller"))
    page.goto(f"/projects/{project.pk}/care/")
    field = _field(page, size=3)
    field.select_option("Tom")
    concepts.delete(concept=project.concepts.get(name="Rex"), user=project.members.first())
    expect(field.get_by_role("option")).to_have_text(["What are they?", "Tom", "Mia"])
    expect(field).to_have_value("Tom")
    page.get_by_role("button", name="Mark all").click()
    expect(concept(page, "Tom")).to_contain_text("✓ 3")


def test_what_was_clicked_out_stays_so_though_a_name_elsewhere_is_refused(
    page: Page, project: Project, sign_in: Callable[[User], None]
) -> None:
    garden, street, beach = project.images.order_by("pk")
    refused, other = (
        {
            "size": size,
            "ids": [image.pk for image in images],
            "images": [{"id": image.pk, "filename": image.filename} for image in images],
        }
        for size, images in ((2, [garden]), (3, [street, beach]))
    )
    no = {"error": {"code": "conflict", "message": "Rex went at this moment."}}
    page.route("**/clusters", lambda route: route.fulfill(json={"items": [refused, other]}))
    page.route("**/labels", lambda route: route.fulfill(status=409, json=no), times=1)
    sign_in(member(project))
    page.goto(f"/projects/{project.pk}/care/")
    out = page.get_by_role("button", name="beach.jpg is one of them")
    out.click()
    expect(out).to_have_attribute("aria-pressed", "false")
    with page.expect_response("**/clusters"):
        _name(page, size=2)
    expect(_field(page, size=2)).to_be_visible()
    expect(out).to_have_attribute("aria-pressed", "false")
    _name(page, size=3)
    expect(concept(page, "Rex")).to_contain_text("✓ 1")
    assert marks(project) == {("street.jpg", True)}


def _field(page: Page, *, size: int) -> Locator:
    return page.get_by_role("combobox", name=f"Name for these {size} photos")


def _name(page: Page, *, size: int) -> None:
    _field(page, size=size).fill("Rex")
    alike = page.get_by_role("listitem").filter(has_text=f"These {size} photos look alike.")
    alike.get_by_role("button", name="Mark all").click()
