"""People at work: three upload, one marks and trains, one asks. All of them repeat what fails."""

import hashlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.app import App
from tests.faults.pictures import picture
from tests.faults.surroundings import now

CONCEPT = "disc"
_UPLOADERS = 3
_PATIENCE_SECONDS = 0.5
_REQUEST_SECONDS = 60.0
_GIVE_UP_SECONDS = 400.0
_TRAININGS = 4
_MARKED = 3  # every third picture is; closer views of all would take longer than all else
_CHANGE_OF_MIND = 5  # every fifth mark is set wrong first


class GaveUp(AssertionError):  # noqa: N818
    """A request was repeated for minutes and still failed."""


@dataclass
class Done:
    """What the server has acknowledged."""

    images: dict[str, int] = field(default_factory=dict)
    """Ids by the SHA-256 of what was sent."""
    labels: dict[int, bool] = field(default_factory=dict)
    jobs: set[int] = field(default_factory=set)
    """Trainings."""
    repeated: int = 0
    asked: int = 0
    unanswered: int = 0
    last_upload_at: float = 0.0


class Load:
    """The work on one project."""

    def __init__(self, app: App, *, pictures: int, run: int) -> None:
        self.app, self.amount, self.run = app, pictures, run
        self.done = Done()
        self.project: int = self.ask("POST", "/projects", json={"name": f"run {run}"})["id"]
        self._to_send: queue.Queue[int] = queue.Queue()
        for number in range(pictures):
            self._to_send.put(number)
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._broken: list[BaseException] = []
        self._numbers: dict[int, int] = {}

    def start(self) -> None:
        work = [self._upload] * _UPLOADERS + [self._teach, self._wonder]
        self._threads = [threading.Thread(target=self._guarded, args=(one,)) for one in work]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Wait until all was sent, marked and trained."""
        *busy, wondering = self._threads
        for thread in busy:
            thread.join()
        self._is_over.set()
        wondering.join()
        if self._broken:
            raise self._broken[0]

    @property
    def share(self) -> float:
        return len(self.done.images) / self.amount

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send a request until it is answered, as browsers and people do."""
        until = now() + _GIVE_UP_SECONDS
        while True:
            try:
                answer = self._once(method, path, **options)
                if answer.is_success:
                    return answer.json() if answer.content else None
                told = f"{answer.status_code} {answer.text[:300]}"
                if answer.is_client_error and answer.status_code != 429:
                    raise GaveUp(f"{method} {path}: {told}")
            except httpx.HTTPError as error:
                told = repr(error)
            if now() > until:
                raise GaveUp(f"{method} {path}: {told}")
            self.done.repeated += 1
            threading.Event().wait(_PATIENCE_SECONDS)

    def _once(self, method: str, path: str, **options: Any) -> httpx.Response:
        with self.app.client(timeout_seconds=_REQUEST_SECONDS) as client:
            return client.request(method, f"/api/v1{path}", **options)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._broken.append(error)
            self._is_over.set()

    def _upload(self) -> None:
        while not self._is_over.is_set():
            try:
                number = self._to_send.get_nowait()
            except queue.Empty:
                return
            data = picture(number, self.run)
            image_id = self.send(f"{number}.jpg", data)
            with self._lock:
                self.done.images[hashlib.sha256(data).hexdigest()] = image_id
                self._numbers[image_id] = number
                self.done.last_upload_at = now()

    def send(self, name: str, data: bytes) -> int:
        """Upload a picture until it is stored; return its id."""
        path, until = f"/projects/{self.project}/images", now() + _GIVE_UP_SECONDS
        while True:
            answer = self.ask("POST", path, files={"file": (name, data, "image/jpeg")})
            if answer["images"]:
                return int(answer["images"][0]["id"])
            if now() > until or answer["errors"][0]["code"] != "not_stored":
                raise GaveUp(f"{name}: {answer['errors']}")
            self.done.repeated += 1
            threading.Event().wait(_PATIENCE_SECONDS)

    def _teach(self) -> None:
        """Mark what has arrived, and train after each quarter."""
        for part in range(1, _TRAININGS + 1):
            while self.share < part / _TRAININGS and not self._is_over.is_set():
                threading.Event().wait(0.1)
            with self._lock:
                new = {
                    image: number % 2 == 0
                    for image, number in self._numbers.items()
                    if number % _MARKED == 0 and image not in self.done.labels
                }
            wrong_first = {i: not is_it for i, is_it in new.items() if i % _CHANGE_OF_MIND == 0}
            for said in (wrong_first, new):
                self._mark(said)
            started = self.ask("POST", f"/projects/{self.project}/train")
            self.done.jobs.add(started["job"]["id"])

    def _mark(self, said: dict[int, bool]) -> None:
        labels = [
            {"image": image, "concept": CONCEPT, "value": "positive" if is_it else "negative"}
            for image, is_it in said.items()
        ]
        self.ask("POST", f"/projects/{self.project}/labels", json={"labels": labels})
        self.done.labels.update(said)

    def _wonder(self) -> None:
        """Ask about a new picture now and then; who asks does not repeat."""
        data = picture(1_000_000, self.run)
        while not self._is_over.wait(1.0):
            self.done.asked += 1
            try:
                path, files = f"/projects/{self.project}/predict?model=general", {"file": data}
                answered = self._once("POST", path, files=files).is_success
            except httpx.HTTPError:
                answered = False
            self.done.unanswered += not answered
