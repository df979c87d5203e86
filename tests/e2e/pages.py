"""What a person does on the pages, for tests to say in one line."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.factories import UserFactory
from webapp.models import Label, Membership, Project, User

READY_MS = 120_000  # for what a worker does: the server's own patience is 30 s

_DROP = """
files => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  const over = document.elementFromPoint(600, 400);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
    over.dispatchEvent(new DragEvent(kind, how));
  }
}
"""


def open_photos(page: Page, project: Project, query: str = "") -> None:
    page.goto(f"/projects/{project.pk}/{query}")
    expect(page.get_by_role("heading", name=project.name)).to_be_visible()


def open_to_mark(page: Page, project: Project, name: str = "Rex") -> None:
    """Open the photos, and wait until a key marks a concept: until it is listed none does."""
    open_photos(page, project)
    expect(concept(page, name)).to_be_visible()


def open_whole(page: Page, project: Project) -> None:
    """Open photos of which there are many, and wait until all are listed and a key marks."""
    open_to_mark(page, project)
    expect(scrubber(page)).to_be_visible()


def scrubber(page: Page) -> Locator:
    """Return what stands there once all photos are listed."""
    return page.get_by_role("slider", name="Place in the photos")


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Let go of files over the middle of the window."""
    page.evaluate(_DROP, [[name, base64.b64encode(data).decode()] for name, data in files.items()])


def drop_folder(page: Page, folder: Path) -> None:
    """Let go of a real folder, as a file manager hands it over."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 400, "data": data})


def photo(page: Page, name: str) -> Locator:
    """Return the gallery's picture of a file name."""
    return page.get_by_role("option").filter(has=page.locator(f'xpath=self::*[@title="{name}"]'))


def photos(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Photos").get_by_role("option")


def chosen(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Photos").get_by_role("option", selected=True)


def concept(page: Page, name: str) -> Locator:
    """Return the rail's row of a concept."""
    return (
        page.get_by_role("complementary", name="Concepts")
        .get_by_role("listitem")
        .filter(has_text=name)
    )


def member(project: Project) -> User:
    return project.members.get()


def joined(project: Project, role: str) -> User:
    """Return somebody new who has a part in a project."""
    user = UserFactory()
    Membership.objects.create(project=project, user=user, role=role)
    return user


def marks(project: Project) -> set[tuple[str, bool]]:
    """Return what is marked by now: file names, and whether as a concept or as not it."""
    labels = Label.objects.filter(concept__project=project)
    return set(labels.values_list("image__filename", "is_positive"))


def hold_next(page: Page, asks: str) -> list[Route]:
    """Hold the next request of this kind; it is there once the page has asked."""
    held: list[Route] = []
    page.route(asks, lambda route: held.append(route), times=1)
    return held


@contextmanager
def holding(page: Page, asks: str) -> Iterator[None]:
    """Hold all requests of this kind that the page makes in here, one at least, until the end."""
    held: list[Route] = []
    is_over = False

    def take(route: Route) -> None:
        if is_over:
            route.fallback()
        else:
            held.append(route)

    page.route(asks, take)
    with page.expect_request(asks):  # says what was not asked for
        yield
    is_over = True  # first: who asks from now on is not held
    for route in held:
        route.fallback()
