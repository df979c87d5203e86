"""Scrolls a gallery of many made-up pictures by wheel, and prints what the browser's trace says.

Beside a running `make run` on a home of its own:

    PUPIL_HOME=FOLDER python manage.py shell -c "from tests.e2e import scrolling; \\
        scrolling.run('http://127.0.0.1:8000', 100_000)"
"""

import itertools
import json
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.factories import ProjectFactory, UserFactory, encoded, picture
from webapp.benchmark import rows
from webapp.models import Project, User

FILES = 240  # drawn once and shared by many rows
SCREENS = 200
SCREEN_PIXELS = 800
STEP_PIXELS = 200
TRIES = 15
ASKED = {
    "first page, newest first": "images?limit=100",
    "first page, most likely first": "images?limit=100&concept=Disc&sort=-probability",
    "first page, least certain first": "images?limit=100&concept=Disc&sort=uncertain",
    "outline, newest first": "images/outline",
    "outline, most likely first": "images/outline?concept=Disc&sort=-probability",
    "summary": "summary",
}
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline.frame",
              "devtools.timeline.frame"]  # fmt: skip
_SHAPES = ((480, 320), (320, 480), (400, 400), (512, 288))
_MICROSECONDS = 1000
# The first frames answer to the page having been still, not to scrolling.
_STARTING = 5
_MADE_UP = """
UPDATE webapp_image SET
  thumbnail = format('projects/%%s/thumbnails/%%s.jpg', project_id, id %% %(files)s),
  width = (%(widths)s::int[])[1 + id %% %(files)s %% 4],
  height = (%(heights)s::int[])[1 + id %% %(files)s %% 4],
  filename = 'picture ' || id || '.jpg',
  created_at = now() - (%(end)s - id) * interval '700 days' / %(count)s
WHERE project_id = %(project)s
"""


def run(address: str, count: int, project_id: int | None = None) -> None:
    """Measure a project, made anew unless one is named."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    project = Project.objects.get(pk=project_id) if project_id else seed(count)
    cookie = _signed_in(project.members.get())
    print(f"project {project.pk}: {project.images.count():,} pictures")
    _report_requests(f"{address}/api/v1/projects/{project.pk}", cookie)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        # Once for memory, and once, in a fresh browser, for the trace, which takes memory.
        for trace in (None, Path(folder) / "trace.json"):
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
            if not trace:
                print("an empty page, for comparison:")
                _report_memory(browser, browser.new_page())
            page = _open(browser, address, cookie, project)
            if trace:
                browser.start_tracing(page=page, path=trace, categories=CATEGORIES)
                _scroll(page)
                browser.stop_tracing()
                _report_frames(json.loads(trace.read_text())["traceEvents"])
            else:
                _scroll(page)
                _report_memory(browser, page)
            browser.close()


def seed(count: int) -> Project:
    """Make a project of many pictures with thumbnails, and predictions of a concept."""
    user = UserFactory(email=f"scroller{time.time_ns()}@example.org")
    project = ProjectFactory(name=f"{count:,} pictures", owner=user)
    for number in range(FILES):
        shape = ("disc", "square", "cross")[number % 3]
        drawn = picture(f"hsl({number * 7 % 360}, 70%, 55%)", shape=shape, size=_SHAPES[number % 4])
        name = f"projects/{project.pk}/thumbnails/{number}.jpg"
        default_storage.save(name, ContentFile(encoded(drawn)))
    first, end = rows.add_images(project, count)
    with connection.cursor() as cursor:
        widths, heights = map(list, zip(*_SHAPES, strict=True))
        cursor.execute(
            _MADE_UP,
            {"files": FILES, "widths": widths, "heights": heights, "end": end, "count": count,
             "project": project.pk},
        )  # fmt: skip
    rows.add_predictions(
        rows.add_labels(project, user, first, count=200, concept="Disc"), first, end
    )
    rows.analyse(["webapp_image", "webapp_prediction", "webapp_label"])
    return project


def _signed_in(user: User) -> tuple[str, str]:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    name = settings.SESSION_COOKIE_NAME
    return name, client.cookies[name].value


def _report_requests(base: str, cookie: tuple[str, str]) -> None:
    with httpx.Client(cookies=dict([cookie]), trust_env=False, timeout=60) as client:
        for what, path in ASKED.items():
            times = []
            for _ in range(TRIES):
                started = time.perf_counter()
                answer = client.get(f"{base}/{path}").raise_for_status()
                times.append((time.perf_counter() - started) * 1000)
            print(
                f"{what:32} median {statistics.median(times):6.1f} ms, worst {max(times):6.1f} ms,"
                f" {len(answer.content) / 1000:.0f} kB"
            )


def _open(browser: Browser, address: str, cookie: tuple[str, str], project: Project) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": SCREEN_PIXELS})
    context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
    page = context.new_page()
    page.goto(f"{address}/projects/{project.pk}/")
    page.get_by_role("slider", name="Place in the photos").wait_for()
    page.wait_for_load_state("networkidle")
    page.mouse.move(700, 500)
    return page


def _scroll(page: Page) -> None:
    started = time.perf_counter()
    for _ in range(SCREENS * SCREEN_PIXELS // STEP_PIXELS):
        page.mouse.wheel(0, STEP_PIXELS)
    seconds = time.perf_counter() - started
    print(f"{page.evaluate('scrollY / innerHeight'):.0f} screens in {seconds:.1f} s")


def _report_memory(browser: Browser, page: Page) -> None:
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
    print(f"script heap {heap:.0f} MB; memory of its own and its share of what is shared, MB:")
    session = browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        status = Path(f"/proc/{process['id']}/smaps_rollup").read_text().splitlines()
        share = next(line for line in status if line.startswith("Pss:"))
        print(f"  {process['type']:32} {int(share.split()[1]) // 1024}")


def _report_frames(events: list[dict[str, Any]]) -> None:
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = sorted(
        event["dur"] / _MICROSECONDS
        for event in events
        if event["name"].endswith("RunTask")
        and event.get("dur")
        and (event["pid"], event["tid"]) in threads
    )
    drawn = [e["ts"] / _MICROSECONDS for e in events if e["name"] == "DrawFrame"]
    frames = sorted(drawn)[_STARTING:]
    gaps = sorted(after - before for before, after in itertools.pairwise(frames))
    print(f"main thread: {len(tasks)} tasks, longest {[round(task) for task in tasks[-5:]]} ms")
    print(
        f"frames: {len(frames)}, median {gaps[len(gaps) // 2]:.1f} ms,"
        f" over 50 ms {sum(gap > 50 for gap in gaps)}, longest {[round(g) for g in gaps[-5:]]} ms"
    )
