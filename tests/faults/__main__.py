"""`python -m tests.faults [--pictures 500] [--rounds 3] [--only WORD ...]`."""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults import many, surroundings  # noqa: F401  many registers its own
from tests.faults.app import App, running
from tests.faults.faults import FAULTS, Fault, Scene
from tests.faults.load import Load
from tests.faults.surroundings import Unavailable, now, soon
from tests.faults.verdict import Progress, judge, settle

_SIBLINGS = 3
_HEAD = ("fault", "repeated", "retried", "pause s", "back s", "ended s", "lost", "doubled")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[""], help="faults with these words in them")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "pupil-faults")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the app must not live on
    print(f"{options.pictures} pictures, load {surroundings.load_of_machine()} before it began")
    print("| " + " | ".join(_HEAD) + " |\n|" + " --- |" * len(_HEAD), flush=True)
    sound = [
        _in_surroundings(name, wanted, options)
        for name, faults in FAULTS.items()
        if (wanted := _wanted(faults, options.only))
    ]
    return int(not all(sound))


def _wanted(faults: dict[str, Fault], words: list[str]) -> dict[str, Fault]:
    return {name: f for name, f in faults.items() if any(word in name for word in words)}


def _in_surroundings(name: str, faults: dict[str, Fault], options: argparse.Namespace) -> bool:
    """Run the app in some surroundings, and do to it what they allow."""
    is_sound = True
    try:
        with tempfile.TemporaryDirectory(prefix="pupil-faults-") as temporary:
            folder = Path(temporary)
            folder.chmod(0o711)
            with (
                _surroundings(name, folder) as (environment, things),
                running(folder / "home", environment, options.cache) as app,
            ):
                app.join(things.pop("siblings", 0))
                for number in range(options.rounds):
                    for told, fault in faults.items():
                        is_sound &= _one(app, told, fault, things, number, options.pictures)
    except Unavailable as error:
        print(f"| {', '.join(faults)} | not tried: {error} |")
    return is_sound


@contextlib.contextmanager
def _surroundings(name: str, folder: Path) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    with ExitStack() as stack:
        if name == "disk":
            yield {}, {"disk": stack.enter_context(surroundings.disk(folder / "home"))}
        elif name == "clock":
            clock = surroundings.Clock(folder)
            yield clock.environment, {"clock": clock}
        elif name == "servers":
            queue = surroundings.Redis(folder)
            stack.callback(queue.kill)
            bucket, settings = stack.enter_context(surroundings.bucket(folder / "s3"))
            yield {**queue.environment, **settings}, {"queue": queue, "bucket": bucket}
        elif name == "split":
            yield {"PUPIL_SERVE_ROUTES": ",".join(f"{n}=rex" for n in range(1, 100))}, {}
        else:
            yield {}, {"siblings": _SIBLINGS} if name == "many" else {}


def _one(
    app: App, name: str, fault: Fault, things: dict[str, Any], number: int, pictures: int
) -> bool:
    """Do one thing to the app under load, wait until all work ended, and say what became of it."""
    load = Load(app, pictures=pictures, run=(number + 1) * 100_000 + os.getpid())
    scene = Scene(app, load, **things)
    progress = Progress(app, load.project)
    try:
        load.start()
        soon(lambda: load.share >= 1 / 3, seconds=300, what="a third of the pictures")
        over_at = fault(scene)
        load.finish()
        has_ended = settle(app, load.project)
        ended = now() - load.done.last_upload_at
        back = progress.first_after(over_at)
    finally:
        progress.stop()
    verdict = judge(app, load.project, load.done, extra_pictures=scene.extra_pictures)
    figures = [load.done.repeated, verdict.attempts]
    figures += [f"{s:.1f}" for s in (progress.longest_pause(), back, ended)]
    if not has_ended:
        verdict.lost.append("work that did not end")
    row = [name, *figures, ", ".join(verdict.lost) or 0, ", ".join(verdict.doubled) or 0]
    print("| " + " | ".join(map(str, row)) + " |", flush=True)
    return not (verdict.lost or verdict.doubled)


if __name__ == "__main__":
    sys.exit(main())
