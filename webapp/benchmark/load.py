"""`manage.py benchmark load`: many people at work for a long time, and what leaks meanwhile."""

import random
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from training.benchmark.speed import Photos, made_up, spread
from webapp.benchmark import looking, memory
from webapp.benchmark.client import Client, TurnedAwayError
from webapp.benchmark.home import running
from webapp.benchmark.measured import Figures, machine
from webapp.benchmark.speed import Bench
from webapp.models import Job, Project

_SHOWN = ("web", "index", "serve", "teach", "housekeeping", "postgres", "valkey")
_THINKING_SECONDS = (0.5, 3.5)
_KEPT_ERRORS = 5
_PHOTO_SIZE = (640, 480)
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the benchmark's arguments."""
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--home", type=Path, help="keeps converted networks between runs")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two lines")


def run(options: dict[str, Any]) -> None:
    """Let them work, and tell each minute how it goes."""
    figures = Figures()
    figures.add("machine", "this", machine())
    photos = made_up(*_PHOTO_SIZE, count=32)
    try:
        with running() as (address, supervisor):
            bench = Bench(address, supervisor)
            project = bench.project("load")
            looking.teach(bench.client, project, photos)
            crowd = Crowd(bench.client, project, photos)
            crowd.work(
                figures,
                supervisor,
                clients=options["clients"],
                seconds=options["minutes"] * 60,
                every=options["every"],
            )
            looking.wait_until_indexed(project)
            failed = Job.objects.filter(project=project, state=Job.State.FAILED).count()
            figures.add("load", "jobs that failed", failed)
    finally:
        if options["json"]:
            figures.write(options["json"])


class Crowd:
    """People who look, mark, search, ask and add pictures, each thinking in between."""

    def __init__(self, client: Client, project: Project, photos: Photos) -> None:
        self._client, self._photos, self._at = client, photos, f"/projects/{project.pk}"
        self._number = 0
        self._lock = threading.Lock()
        self._ends = threading.Event()
        self._taken: dict[str, list[float]] = {}
        self._wrong: Counter[str] = Counter()
        self._turned_away = 0
        deeds = {
            self._look: 35,
            self._summary: 15,
            self._search: 15,
            self._search_alike: 5,
            self._mark: 14,
            self._add: 8,
            self._ask: 7,
            self._train: 1,
        }
        self._deeds, self._shares = list(deeds), list(deeds.values())

    def work(
        self, figures: Figures, supervisor: int, *, clients: int, seconds: float, every: float
    ) -> None:
        """Let so many work so long."""
        threads = [threading.Thread(target=self._one, args=[n]) for n in range(clients)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        everything: dict[str, list[float]] = {}
        while time.monotonic() - began < seconds:
            self._ends.wait(every)
            for name, taken in self._minute(figures, supervisor, time.monotonic() - began).items():
                everything.setdefault(name, []).extend(taken)
        self._ends.set()
        for thread in threads:
            thread.join()
        for name, taken in everything.items():
            figures.add("load", name, spread(taken))
        figures.add("load", "wrong", dict(self._wrong.most_common(_KEPT_ERRORS)))
        figures.add("load", "turned away", self._turned_away)

    def _minute(self, figures: Figures, supervisor: int, since: float) -> dict[str, list[float]]:
        with self._lock:
            taken, self._taken = self._taken, {}
        together = [seconds for several in taken.values() for seconds in several]
        resident, files = memory.resident(supervisor), memory.open_files(supervisor)
        figure = {
            **(spread(together) if together else {}),
            "wrong": sum(self._wrong.values()),
            "connections": _connections(),
            **{f"{name}_mb": resident.get(name, 0.0) for name in _SHOWN},
            **{f"{name}_files": files.get(name, 0) for name in _SHOWN},
        }
        figures.add("minute", f"{since / 60:.1f}", figure)
        return taken

    def _one(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  not a secret
        while not self._ends.wait(chance.uniform(*_THINKING_SECONDS)):
            [deed] = chance.choices(self._deeds, self._shares)
            self._timed(deed, chance)

    def _timed(self, deed: Callable[[random.Random], object], chance: random.Random) -> None:
        began = time.perf_counter()
        name = deed.__name__.removeprefix("_")
        try:
            deed(chance)
        except TurnedAwayError:
            with self._lock:
                self._turned_away += 1
            return
        except Exception as error:
            with self._lock:
                self._wrong[f"{name}: {error!r}"[:200]] += 1
            return
        with self._lock:
            self._taken.setdefault(name, []).append(time.perf_counter() - began)

    def _look(self, chance: random.Random) -> Any:
        sort = chance.choice(
            ("", "&concept=one&sort=-probability", "&concept=one&min_probability=0.5")
        )
        return self._client.get(f"{self._at}/images?limit=60{sort}")

    def _summary(self, _: random.Random) -> Any:
        return self._client.get(f"{self._at}/summary")

    def _search(self, chance: random.Random) -> Any:
        word = chance.choice(("sky", "photo", "dog", "1"))
        return self._client.get(f"{self._at}/images?limit=60&q={word}")

    def _search_alike(self, chance: random.Random) -> Any:
        return self._client.post(f"{self._at}/search?limit=30", {"image": self._some(chance)})

    def _mark(self, chance: random.Random) -> Any:
        value = chance.choice(("positive", "negative"))
        label = {"image": self._some(chance), "concept": "one", "value": value}
        return self._client.post(f"{self._at}/labels", {"labels": [label]})

    def _add(self, _: random.Random) -> None:
        answer = self._client.send(f"{self._at}/images", [self._new()])
        if answer["errors"]:
            raise RuntimeError(answer["errors"])

    def _ask(self, _: random.Random) -> Any:
        return self._client.send(f"{self._at}/predict", [self._new()])

    def _train(self, _: random.Random) -> Any:
        return self._client.post(f"{self._at}/train", {})

    def _new(self) -> bytes:
        with self._lock:
            self._number += 1
            return self._photos.unlike(self._number)

    def _some(self, chance: random.Random) -> int:
        items = self._client.get(f"{self._at}/images?limit=60&status=ready")["items"]
        return int(chance.choice(items)["id"])


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTIONS)
        return int(cursor.fetchone()[0])
