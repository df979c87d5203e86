"""Scrolls a long gallery by wheel; prints how long frames took by the browser's trace, and memory.

python -m tests.e2e.scrolling ADDRESS SESSION_COOKIE_NAME SESSION_COOKIE PROJECT
"""

import itertools
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

SCREENS = 200
SCREEN_PIXELS = 800
STEP_PIXELS = 200
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline.frame",
              "devtools.timeline.frame"]  # fmt: skip
_MICROSECONDS = 1000
# The first frames answer to the page having been still, not to scrolling.
_STARTING = 5


def run(address: str, cookie: tuple[str, str], project: str) -> None:
    """Scroll once for memory, and once, in a fresh browser, for the trace, which takes memory."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        for trace in (None, Path(folder) / "trace.json"):
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
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


def _open(browser: Browser, address: str, cookie: tuple[str, str], project: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": SCREEN_PIXELS})
    context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
    page = context.new_page()
    page.goto(f"{address}/projects/{project}/")
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
    print(f"script heap {heap:.0f} MB; resident, MB:")
    session = browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        status = Path(f"/proc/{process['id']}/smaps_rollup").read_text().splitlines()
        resident = next(line for line in status if line.startswith("Pss:"))
        print(f"  {process['type']:32} {int(resident.split()[1]) // 1024}")


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
    frames = sorted(e["ts"] / _MICROSECONDS for e in events if e["name"] == "DrawFrame")
    frames = frames[_STARTING:]
    gaps = sorted(after - before for before, after in itertools.pairwise(frames))
    print(f"main thread: {len(tasks)} tasks, longest {[round(task) for task in tasks[-5:]]} ms")
    print(
        f"frames: {len(frames)}, median {gaps[len(gaps) // 2]:.1f} ms,"
        f" over 50 ms {sum(gap > 50 for gap in gaps)}, longest {[round(g) for g in gaps[-5:]]} ms"
    )


if __name__ == "__main__":
    run(sys.argv[1], (sys.argv[2], sys.argv[3]), sys.argv[4])
