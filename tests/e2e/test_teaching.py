"""The main job, as a newcomer does it: from a drop of photos to a taught concept."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories, servers
from tests.e2e.pages import READY_MS, chosen, concept, drop, photo, photos

TRAINED_MS = 30_000  # beside what a cold worker takes to load its network


# A camera that looks at a red disc: no machine that runs tests has one.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const pen = canvas.getContext("2d");
  setInterval(() => {
    pen.fillStyle = "grey";
    pen.fillRect(0, 0, 320, 240);
    pen.fillStyle = "red";
    pen.beginPath();
    pen.arc(160, 120, 60, 0, 7);
    pen.fill();
  }, 50);
  return canvas.captureStream();
};
"""


GROUNDS = ["white", "black", "yellow", "blue", "green", "pink"]


def _pictures(shape: str, colours: list[str]) -> dict[str, bytes]:
    """Draw them on grounds of many colours: those of one scene could not be judged apart."""
    return {
        f"{shape} {number:02}.jpg": factories.jpeg(colour, shape=shape, ground=ground, seed=number)
        for number, (colour, ground) in enumerate(zip(colours, GROUNDS, strict=True))
    }


def test_from_signing_up_to_version_2(page: Page, worker: servers.Running) -> None:
    page.add_init_script(CAMERA)
    sign_up(page)
    make_project(page, "Shapes")
    drop_photos(page)
    mark_by_hand(page)
    train_once(page)
    sort_and_filter(page)
    correct_and_train_again(page)
    try_new_pictures(page)
    try_the_camera(page)


def sign_up(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Email").fill("newcomer@example.org")
    page.get_by_label("Password", exact=True).fill("plum-tea-44-kites")
    page.get_by_label("Password (again)").fill("plum-tea-44-kites")
    page.get_by_role("button", name="Make an account").click()


def make_project(page: Page, name: str) -> None:
    page.get_by_label("Name of your first project").fill(name)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Drag photos here")).to_be_visible()
    expect(page.get_by_role("button", name="Train")).to_be_disabled()


def drop_photos(page: Page) -> None:
    discs = _pictures("disc", ["red", "tomato", "firebrick", "crimson", "orangered", "darkred"])
    crosses = _pictures("cross", ["lime", "aqua", "white", "gold", "skyblue", "violet"])
    broken = {"notes.jpg": b"these are notes"}
    again = {"disc again.jpg": discs["disc 00.jpg"]}
    drop(page, discs | crosses | broken)
    # Each shows itself at once, long before the server has read it.
    expect(photos(page)).to_have_count(13)
    expect(photo(page, "disc 00.jpg").locator("img")).to_be_visible()
    expect(page.get_by_text("12 photos added")).to_be_visible(timeout=READY_MS)
    tray = page.get_by_role("region", name="Upload")
    expect(tray.get_by_text("notes.jpg")).to_be_visible()
    expect(tray.get_by_text("not a picture")).to_be_visible()
    drop(page, again)
    expect(tray.get_by_text("disc again.jpg is here already.")).to_be_visible()
    tray.get_by_role("button", name="Close").click()
    expect(photos(page)).to_have_count(12)


def mark_by_hand(page: Page) -> None:
    page.get_by_label("New concept").fill("Red disc")
    page.get_by_label("New concept").press("Enter")
    expect(concept(page, "Red disc")).to_be_visible()
    photo(page, "disc 00.jpg").click()
    photo(page, "disc 03.jpg").click(modifiers=["Shift"])
    expect(chosen(page)).to_have_count(4)
    page.get_by_role("button", name="Red disc 1", exact=True).last.click()
    expect(concept(page, "Red disc")).to_contain_text("✓ 4")
    # The next choice begins anew: what was marked is not marked again by mistake.
    photo(page, "cross 00.jpg").click()
    photo(page, "cross 01.jpg").click(modifiers=["Control"])
    photo(page, "cross 02.jpg").click()
    expect(chosen(page)).to_have_count(3)
    page.keyboard.press("Shift+Digit1")
    expect(concept(page, "Red disc")).to_contain_text("✕ 3")
    expect(photo(page, "cross 02.jpg")).to_have_accessible_name(re.compile("marked not Red disc"))


def train_once(page: Page) -> None:
    page.get_by_role("button", name="Train").click()
    result = re.compile(r"Version 1:\s*(right )?\d+ %")  # what a closer look changed may follow
    expect(page.get_by_role("banner")).to_contain_text(result, timeout=READY_MS + TRAINED_MS)
    for name in ("disc 05.jpg", "cross 05.jpg"):
        expect(photo(page, name).locator(".badge")).to_have_text(re.compile(r"\d+ %"))
    page.get_by_role("button", name="What these figures mean").click()
    expect(page.get_by_role("heading", name="Version 1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Version 1")).to_be_hidden()


_IS_DESCENDING = """
() => {
  const badges = [...document.querySelectorAll(".tile .badge")];
  const shown = badges.map((badge) => parseInt(badge.textContent));
  return shown.length === 12 && shown.every((value, i) => i === 0 || value <= shown[i - 1]);
}
"""


def sort_and_filter(page: Page) -> None:
    page.get_by_role("combobox", name="Order").select_option("Most likely first")
    page.wait_for_function(_IS_DESCENDING)
    expect(photos(page).first).to_have_accessible_name(re.compile("disc"))
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("combobox", name="Marked").select_option("Marked not Red disc")
    expect(photos(page)).to_have_count(3)
    page.reload()
    expect(photos(page)).to_have_count(3)
    page.go_back()
    expect(photos(page)).to_have_count(12)
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Least probability of Red disc").fill("50")
    expect(page).to_have_url(re.compile("min=50"))
    expect(photo(page, "cross 00.jpg")).to_have_count(0)
    page.get_by_role("button", name="Show all").click()
    expect(photos(page)).to_have_count(12)


def correct_and_train_again(page: Page) -> None:
    page.get_by_role("link", name="Review").click()
    expect(page.get_by_role("heading", name="Is this Red disc?")).to_be_visible()
    for _ in range(5):  # what is not marked yet
        name = page.get_by_role("figure").get_by_role("img").get_attribute("alt")
        page.keyboard.press("y" if name and name.startswith("disc") else "n")
    expect(page.get_by_role("heading", name="That is all for now")).to_be_visible()
    expect(concept(page, "Red disc")).to_contain_text("✓ 6")
    expect(concept(page, "Red disc")).to_contain_text("✕ 6")
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_role("banner")).to_contain_text("Version 2:", timeout=READY_MS)


def try_new_pictures(page: Page) -> None:
    page.get_by_role("link", name="Try it").click()
    expect(page.get_by_role("heading", name="Try a photo it has never seen")).to_be_visible()
    drop(page, {"new disc.jpg": factories.jpeg("red", shape="disc", seed=77)})
    outcome = page.get_by_role("listitem").filter(has_text="new disc.jpg")
    expect(outcome.locator(".present")).to_contain_text("Red disc", timeout=READY_MS)
    drop(page, {"new cross.jpg": factories.jpeg("aqua", shape="cross", seed=78)})
    outcome = page.get_by_role("listitem").filter(has_text="new cross.jpg")
    expect(outcome.get_by_text("None of these.")).to_be_visible(timeout=READY_MS)
    outcome.get_by_role("button", name="Teach this").click()
    page.get_by_role("combobox", name="What is this?").fill("Cross")
    page.keyboard.press("Enter")
    expect(concept(page, "Cross")).to_contain_text("✓ 1")
    expect(page.get_by_text("It has not learnt “Cross” yet.")).to_be_visible()
    who = page.get_by_role("combobox", name="Who answers")
    who.select_option("General model: everyday things")
    drop(page, {"anything.jpg": factories.jpeg("red", shape="disc", seed=79)})
    outcome = page.get_by_role("listitem").filter(has_text="anything.jpg · General model")
    expect(outcome.locator(".bars li").first).to_be_visible(timeout=READY_MS)
    expect(outcome).not_to_contain_text("Red disc")
    who.select_option("This project, version 2")
    drop(page, {"letter.txt": b"Dear all"})
    outcome = page.get_by_role("listitem").filter(has_text="letter.txt")
    expect(outcome.get_by_text("not a picture")).to_be_visible()


def try_the_camera(page: Page) -> None:
    page.get_by_role("button", name="Use the camera").click()
    camera = page.get_by_role("region", name="Camera")
    expect(camera.locator(".present")).to_contain_text("Red disc", timeout=READY_MS)
    camera.get_by_role("button", name="Teach this").click()
    page.get_by_role("combobox", name="What is this?").fill("red")
    page.keyboard.press("Enter")
    expect(concept(page, "Red disc")).to_contain_text("✓ 7")
    camera.get_by_role("button", name="Stop").click()
    expect(camera).to_be_hidden()


@pytest.mark.usefixtures("site")
def test_pages_send_strangers_to_the_door(page: Page) -> None:
    page.goto("/projects/1/review/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
