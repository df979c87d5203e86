"""Several processes of a kind: that they share the work, and that one's standstill is not all's."""

import os

import httpx
from playwright.sync_api import expect, sync_playwright

from tests.faults.faults import Scene, fault
from tests.faults.pictures import picture
from tests.faults.surroundings import now, soon

_ASKED = 10


@fault("many", "4 web and 4 index workers on one database")
def _many(scene: Scene) -> float:
    """See that an event of one web process reaches a browser at another, and who reads."""
    app, load = scene.app, scene.load
    project = load.ask("POST", "/projects", json={"name": "live"})["id"]
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        context = browser.new_context(base_url=app.addresses[-1])
        context.add_cookies([app.session()])
        page = context.new_page()
        page.goto(f"/projects/{project}/")
        count = page.get_by_role("button", name="All photos").locator(".count")
        expect(count).to_have_text("0", timeout=60_000)
        began = now()
        httpx.post(
            f"{app.addresses[0]}/api/v1/projects/{project}/images",
            headers={"Authorization": f"Bearer {app.token}"},
            files={"file": ("live.jpg", picture(2_000_000, load.run), "image/jpeg")},
            timeout=60,
        ).raise_for_status()
        expect(count).to_have_text("1", timeout=60_000)
        print(f"  a browser at another web process knew after {now() - began:.1f} s")
        browser.close()
    soon(lambda: load.share >= 1, seconds=300, what="all pictures")
    soon(lambda: app.is_settled(load.project), seconds=300, what="all work")
    readers = app.rows(_READERS, load.project)
    print(f"  pictures read by each worker: {sorted(count for (count,) in readers)}")
    assert len(readers) > 1, "one worker did all the work"
    return now()


_READERS = """
SELECT count(*) FROM webapp_job WHERE project_id = %s AND kind = 'index' GROUP BY claimed_in
"""


@fault("split", "everybody's serve worker stands still, the live version has its own")
def _split(scene: Scene) -> float:
    load, path = scene.load, f"/projects/{scene.load.project}"
    soon(lambda: load.ask("GET", f"{path}/versions")["items"], seconds=120, what="a version")
    load.ask("PATCH", f"{path}/versions/1", json={"stage": "live"})
    common = scene.app.parts()["serve"]
    common.suspend()
    try:
        began = now()
        for number in range(_ASKED):
            data = picture(3_000_000 + number, load.run)
            answer = load.ask("POST", f"{path}/predict", files={"file": data})
            assert answer["stage"] == "live"
        print(f"  {_ASKED} pictures answered in {now() - began:.1f} s meanwhile")
    finally:
        common.resume()
    return now()
