"""Pictures brought along, a version and a whole project taken away, all from the pages."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import READY_MS
from tests.factories import ProjectFactory, UserFactory, jpeg
from tests.servers import Running
from tests.webapp.importing.samples import coco, zipped
from tests.webapp.test_teaching import SHAPES, all_indexed, shapes, train, upload, wait_for
from webapp.models import Image, Import, Label, Project, User


@pytest.fixture
def user(transactional_db: None) -> User:
    return UserFactory()


@pytest.mark.usefixtures("worker")
def test_a_data_set_is_looked_through_then_taken_in(
    page: Page, user: User, sign_in: Callable[[User], None], tmp_path: Path
) -> None:
    file = tmp_path / "pets.zip"
    file.write_bytes(zipped({**coco(), "val2017/notes.jpg": b"no picture", "../a.jpg": jpeg()}))
    sign_in(user)
    page.goto("/")
    page.get_by_role("link", name="bring along").click()
    page.get_by_label("A file to import").set_input_files(file)
    would = page.get_by_role("region", name="pets.zip")
    expect(would).to_contain_text("It is COCO. Nothing has been taken in yet.", timeout=READY_MS)
    expect(would).to_contain_text("3 photos")
    expect(would.get_by_role("list", name="Concepts")).to_contain_text("Rex ✓ 2")
    expect(would).to_contain_text("../a.jpg This path leads out of the zip.")
    assert not Project.objects.exists()
    would.get_by_label("Name of the new project").fill("Pets")
    would.get_by_role("button", name="Import 3 photos").click()
    expect(page.get_by_role("heading", name="3 photos taken in")).to_be_visible(timeout=READY_MS)
    assert (Image.objects.count(), Label.objects.count()) == (3, 3)
    page.get_by_role("link", name="Open the project").click()
    expect(page.get_by_role("heading", name="Pets")).to_be_visible()

    page.goto("/import/")
    page.get_by_label("A file to import").set_input_files(
        files=[{"name": "letter.zip", "mimeType": "application/zip", "buffer": b"Dear all"}]
    )
    expect(page.get_by_role("alert")).to_contain_text("not a zip file")


def test_a_look_survives_a_reload_waits_to_be_gone_on_with_and_can_be_cancelled(
    page: Page, user: User, sign_in: Callable[[User], None], worker: Running, tmp_path: Path
) -> None:
    file = tmp_path / "pets.zip"
    file.write_bytes(zipped(coco()))
    sign_in(user)
    worker.freeze()
    page.goto("/import/")
    page.get_by_label("A file to import").set_input_files(file)
    page.wait_for_url("**/import/?id=*")
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Looking through pets.zip…")
    page.goto("/import/")
    page.get_by_role("button", name="Go on with pets.zip").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Choose a file…")).to_be_visible()
    expect(page.get_by_role("button", name="Go on with pets.zip")).to_be_hidden()
    assert not Import.objects.exists()

    page.get_by_label("A file to import").set_input_files(file)
    expect(page.get_by_role("status")).to_contain_text("Looking through pets.zip…")
    worker.thaw()
    would = page.get_by_role("region", name="pets.zip")
    expect(would).to_contain_text("3 photos", timeout=READY_MS)
    page.reload()
    expect(would).to_contain_text("3 photos")


@pytest.mark.usefixtures("worker")
def test_a_version_and_a_project_are_taken_away(
    page: Page, user: User, sign_in: Callable[[User], None], tmp_path: Path
) -> None:
    project = ProjectFactory(name="Shapes", owner=user)
    for shape in SHAPES:
        upload(project, user, *shapes(shape, 2), concepts=[shape])
    wait_for(project, all_indexed(project))
    train(project, user)
    sign_in(user)
    page.goto(f"/projects/{project.pk}/versions/")
    page.get_by_role("button", name="More about version 1").click()
    page.get_by_role("button", name="Take it away…").click()
    dialog = page.get_by_role("dialog", name="Version 1 as one file")
    dialog.get_by_role("button", name="Make the file").click()
    expect(dialog).to_contain_text("every verdict is the same", timeout=READY_MS)
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "shapes-v1.onnx"

    page.goto("/")
    page.get_by_role("button", name="Change Shapes").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Take everything away").click()
    archive = tmp_path / download.value.suggested_filename
    download.value.save_as(archive)
    assert zipfile.ZipFile(archive).testzip() is None
    page.goto("/import/")
    page.get_by_label("A file to import").set_input_files(archive)
    would = page.get_by_role("region", name="Shapes.pupil.zip")
    expect(would).to_contain_text("a whole project of Pupil", timeout=READY_MS)
    would.get_by_role("button", name="Import 6 photos").click()
    expect(page.get_by_role("heading", name="6 photos taken in")).to_be_visible(timeout=READY_MS)
    assert Project.objects.filter(name="Shapes").count() == 2
