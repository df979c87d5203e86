"""Files come as people bring them: folders, thousands, odd names."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests import factories
from tests.e2e.pages import concept, drop, drop_folder, member, open_photos, photo, photos
from webapp.models import Label, Project, User

# Whether so many files wait in the browser's own database.
KEPT = """
count => new Promise(resolve => {
  const opening = indexedDB.open("pupil-uploads", 1);
  opening.onerror = () => resolve(false);
  opening.onsuccess = () => {
    const counting = opening.result.transaction("files").objectStore("files").count();
    counting.onsuccess = () => { opening.result.close(); resolve(counting.result === count); };
  };
})
"""


@pytest.fixture
def project(page: Page, sign_in: Callable[[User], None]) -> Project:
    project = factories.ProjectFactory()
    sign_in(member(project))
    open_photos(page, project)
    return project


def test_a_folder_comes_whole_and_offers_its_name(
    page: Page, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "Rex"
    (folder / "more").mkdir(parents=True)
    (folder / "one.jpg").write_bytes(factories.jpeg("red"))
    (folder / "two.jpg").write_bytes(factories.jpeg("blue"))
    (folder / ".DS_Store").write_bytes(b"nobody means this")
    (folder / "more" / "three.jpg").write_bytes(factories.jpeg("green"))
    drop_folder(page, folder)
    expect(page.get_by_text("3 photos added")).to_be_visible()
    expect(photos(page)).to_have_count(3)
    page.get_by_role("button", name="Mark them").click()
    expect(concept(page, "Rex")).to_contain_text("✓ 2")
    expect(concept(page, "more")).to_contain_text("✓ 1")
    assert Label.objects.filter(concept__name="Rex", is_positive=True).count() == 2


def test_what_arrives_while_the_list_is_on_its_way_stays(page: Page, project: Project) -> None:
    lists = "**/images?*limit=100*"

    def answer_late(route: Route) -> None:
        older = route.fetch()
        drop(page, {"quick.jpg": factories.jpeg("red")})
        expect(page.get_by_text("1 photo added")).to_be_visible()
        route.fulfill(response=older)

    drop(page, {"first.jpg": factories.jpeg("blue")})
    expect(page.get_by_text("1 photo added")).to_be_visible()
    page.route(lists, answer_late, times=1)
    with page.expect_response(lists) as listed:
        page.reload()
    assert [one["filename"] for one in listed.value.json()["items"]] == ["first.jpg"]
    expect(photos(page)).to_have_count(2)


def test_odd_files_are_told_each_by_itself(page: Page, project: Project) -> None:
    odd = 'a "quoted" <b>name</b>\u202egpj.jpg'
    drop(
        page,
        {
            "fine.jpg": factories.jpeg("red"),
            "empty.jpg": b"",
            "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            odd: factories.jpeg("blue"),
            f"{'long' * 60}.jpg": factories.jpeg("green"),
        },
    )
    tray = page.get_by_role("region", name="Upload")
    expect(tray.get_by_text("3 photos added")).to_be_visible()
    expect(tray.get_by_role("listitem").filter(has_text="empty.jpg")).to_contain_text("empty")
    expect(tray.get_by_role("listitem").filter(has_text="drawing.svg")).to_be_visible()
    assert project.images.count() == 3


def test_a_thousand_files_leave_the_page_usable(page: Page, project: Project) -> None:
    picture = factories.jpeg("red", size=(64, 48))
    drop(page, {f"{number:04}.jpg": picture + bytes([1, number >> 8, number & 255])
                for number in range(1000)})  # fmt: skip
    expect(page.get_by_text("of 1,000 photos")).to_be_visible()
    expect(photo(page, "0000.jpg")).to_be_visible()
    assert photos(page).count() < 200  # only what can be seen is drawn
    page.get_by_label("New concept").fill("Meanwhile")
    page.get_by_label("New concept").press("Enter")
    expect(concept(page, "Meanwhile")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()


def test_a_lost_server_is_waited_for(page: Page, project: Project) -> None:
    page.route("**/images", lambda route: route.abort())
    page.route("**/healthz", lambda route: route.abort())
    drop(page, {"patient.jpg": factories.jpeg("red")})
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    page.unroute_all()
    expect(page.get_by_text("1 photo added")).to_be_visible()
    assert project.images.count() == 1


def test_a_file_that_is_gone_from_the_disk_is_not_waited_for(
    page: Page, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "gone.jpg").write_bytes(factories.jpeg("red"))
    (folder / "here.jpg").write_bytes(factories.jpeg("blue"))
    page.route("**/images", lambda route: route.abort())
    page.route("**/healthz", lambda route: route.abort())
    drop_folder(page, folder)
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    (folder / "gone.jpg").unlink()
    page.unroute_all()
    expect(page.get_by_text("1 photo added")).to_be_visible()
    tray = page.get_by_role("region", name="Upload")
    expect(tray.get_by_role("listitem").filter(has_text="gone.jpg")).to_contain_text("moved")


def test_an_upload_goes_on_after_a_reload(page: Page, project: Project) -> None:
    files = {f"{number}.jpg": factories.jpeg("red", size=(64, 48)) for number in range(8)}
    page.route("**/images", lambda route: route.abort())
    page.route("**/healthz", lambda route: route.abort())
    drop(page, files)
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    page.wait_for_function(KEPT, arg=len(files))
    page.reload()
    page.unroute_all()
    expect(page.get_by_text("8 photos added")).to_be_visible()
    assert project.images.count() == 8
    page.wait_for_function(KEPT, arg=0)
    page.reload()
    expect(photo(page, "7.jpg")).to_be_visible()
    expect(page.get_by_role("region", name="Upload")).to_be_hidden()


def test_what_is_here_already_is_not_sent_again(page: Page, project: Project) -> None:
    files = {f"{number}.jpg": factories.jpeg("red", size=(64, 48)) for number in range(3)}
    drop(page, files)
    expect(page.get_by_text("3 photos added")).to_be_visible()
    page.wait_for_function(KEPT, arg=0)
    page.reload()
    expect(photo(page, "2.jpg")).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    drop(page, {**files, "new.jpg": factories.jpeg("blue", size=(64, 48))})
    expect(page.get_by_text("1 photo added")).to_be_visible()
    expect(page.get_by_text("3 photos were here already.")).to_be_visible()
    assert len([url for url in sent if url.endswith("/images")]) == 1


def test_a_photo_that_is_dropped_twice_stands_there_once_and_finished(
    page: Page, project: Project
) -> None:
    same = factories.jpeg("red", size=(64, 48))
    drop(page, {"one.jpg": same, "two.jpg": same, "three.jpg": same})
    expect(page.get_by_text("2 photos were here already.")).to_be_visible()
    expect(photos(page)).to_have_count(1)
    expect(page.locator(".sending")).to_have_count(0)
    assert project.images.count() == 1
