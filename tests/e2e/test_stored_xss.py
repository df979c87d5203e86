"""What people write stays text: names, notes, files and mail addresses full of script, every page.

A page that lets one through would show a dialog, call `struck`, or be told by the browser that its
content policy was violated: each of them is listened for.
"""

import io
from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from tests.e2e.pages import drop, photos
from tests.factories import ConceptFactory, JobFactory, UserFactory, jpeg
from tests.webapp.addresses import all_addresses
from tests.webapp.taught import examples, teach
from webapp.models import Finding, Image, Membership, Project, SavedSearch, User
from webapp.services import accounts, images, members, projects

SCRIPT = "<img src=x onerror=struck()><script>struck()</script>"
PAYLOADS = [f'">{SCRIPT}', f"'{SCRIPT}", "${struck()}{{struck()}}", "javascript:struck()"]
NASTY = PAYLOADS[0]
EMAIL = '"<img/src=x/onerror=struck()>"@example.org'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="struck()"><script>struck()</script></svg>'
_DESCRIPTION, _ARTIST, _COMMENT = 0x010E, 0x013B, 0x9286
_LISTENS = """
window.struck = () => console.error("STRUCK");
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`STRUCK by ${event.violatedDirective}: ${event.sample || event.blockedURI}`));
"""
# What is no page: files, streams, what signs out, and the API's own description.
_NO_PAGES = ("api", "media", "metrics", "readyz", "account_logout", "mfa_download")
_NO_PAGES += ("project_events", "welcome")


def photo_with_exif() -> bytes:
    picture = Pillow.open(io.BytesIO(jpeg()))
    exif = Pillow.Exif()
    for tag in (_DESCRIPTION, _ARTIST, _COMMENT):
        exif[tag] = NASTY
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif, comment=NASTY.encode())
    return buffer.getvalue()


@pytest.fixture
def user(transactional_db: None) -> User:
    return UserFactory(email=EMAIL, is_staff=True)


@pytest.fixture
def project(user: User) -> Project:
    """A project in which everything that has a name has a nasty one."""
    project = projects.create(user=user, name=NASTY)
    for payload in PAYLOADS:
        examples(project, payload, 3, group=len(payload), filename=f"{payload}.jpg")
    ConceptFactory(project=project, name=f"empty {NASTY}")
    upload = SimpleUploadedFile(f"{NASTY}.jpg", photo_with_exif())
    outcome = images.ingest(
        project=project, user=user, uploads=[images.Upload(f"{NASTY}.jpg", upload)]
    )
    images.set_note(image=outcome.images[0].image, note=NASTY)
    Image.objects.filter(project=project).update(note=NASTY, created_by=user)
    SavedSearch.objects.create(project=project, name=NASTY, query=NASTY)
    teach(project, user)
    teach(project, user)
    image, concept = project.images.first(), project.concepts.first()
    Finding.objects.create(project=project, kind="dark", image=image, concept=concept, score=1)
    JobFactory(project=project, state="failed", error_message=NASTY, error_code="decode_failed")
    accounts.create_token(user=user, name=NASTY)
    other = UserFactory(email='"</title><script>struck()</script>"@example.org')
    Membership.objects.create(project=project, user=other, role="editor")
    return project


@pytest.fixture
def struck(page: Page) -> list[str]:
    """What got through."""
    told: list[str] = []
    page.add_init_script(_LISTENS)
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on(
        "console",
        lambda message: (
            told.append(message.text)
            if "STRUCK" in message.text or "Content Security Policy" in message.text
            else None
        ),
    )
    return told


def pages(project: Project, user: User) -> list[str]:
    """Return every address of the URL map that is a page, with the ids of what is there."""
    _, key = members.invite(project=project, user=user, role="viewer")
    ids = {"project_id": project.pk, "number": 1, "key": key}
    found = [one for one in all_addresses() if not one.name.startswith(_NO_PAGES)]
    return [one.path(**ids) for one in found if one.parameters <= ids.keys()]


def test_nothing_that_people_write_is_run(
    page: Page, user: User, project: Project, sign_in: Callable[[User], None], struck: list[str]
) -> None:
    sign_in(user)
    gallery = f"/projects/{project.pk}/"
    for path in [*pages(project, user), f"{gallery}versions/compare/?before=1&after=2"]:
        if page.request.get(path).status == HTTPStatus.METHOD_NOT_ALLOWED:
            continue  # it only takes forms
        page.goto(path)
        page.wait_for_load_state("load")
        assert struck == [], path
    for search in (f"?q={NASTY}", f"?concept={NASTY}", f"?{NASTY}", f"#{SCRIPT}"):
        page.goto(gallery + search)
        page.wait_for_load_state("load")
        assert struck == [], search
    page.goto(gallery)
    expect(photos(page)).not_to_have_count(0)
    photos(page).first.dblclick()
    expect(page.get_by_role("dialog", name="Photo")).to_be_visible()
    expect(page.get_by_role("dialog", name="Photo").get_by_text(NASTY).first).to_be_attached()
    page.keyboard.press("Escape")
    drop(page, {f"{NASTY}.svg": SVG, f"{NASTY}.jpg": b"<html><script>struck()</script>"})
    expect(page.get_by_text("2 files could not be used")).to_be_visible()
    assert struck == []
    with page.expect_console_message(lambda message: "STRUCK" in message.text):
        page.evaluate("script => document.body.insertAdjacentHTML('beforeend', script)", SCRIPT)
    assert struck  # so it would have been heard


def test_no_original_is_a_page_of_its_own(
    page: Page, user: User, project: Project, sign_in: Callable[[User], None], struck: list[str]
) -> None:
    sign_in(user)
    image = project.images.exclude(content_type="").get(byte_size__gt=1000)
    answer = page.goto(f"/media/{project.pk}/{image.sha256}/original")
    assert answer is not None
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    # Chromium's own page around a picture has styles, which the policy keeps off.
    assert [one for one in struck if "style" not in one] == []
