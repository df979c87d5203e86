"""What is there after a fault, counted in the rows and files themselves."""

import contextlib
import hashlib
import threading
from dataclasses import dataclass, field

import psycopg2

from tests.faults.app import App
from tests.faults.load import CONCEPT, Done
from tests.faults.surroundings import now

_STUCK_SECONDS = 120.0


@dataclass
class Verdict:
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    attempts: int = 0
    """Jobs that took more than one."""

    def lose(self, count: int, what: str) -> None:
        if count:
            self.lost.append(f"{count} {what}")

    def double(self, count: int, what: str) -> None:
        if count:
            self.doubled.append(f"{count} {what}")


def settle(app: App, project: int) -> bool:
    """Wait until no work is left; return whether that came before nothing went on for long."""
    seen, since = None, now()
    while not app.is_settled(project):
        done = app.done(project)
        if done != seen:
            seen, since = done, now()
        elif now() > since + _STUCK_SECONDS:
            return False
        threading.Event().wait(0.2)
    return True


def judge(app: App, project: int, done: Done, *, extra_pictures: int = 0) -> Verdict:
    verdict = Verdict()
    _pictures(app, project, done, extra_pictures, verdict)
    _files(app, project, done, verdict)
    _labels(app, project, done, verdict)
    _versions(app, project, done, verdict)
    verdict.attempts = app.one(
        "SELECT count(*) FROM webapp_job WHERE project_id = %s AND attempts > 1", project
    )
    left = app.rows(
        "SELECT kind, state, error_code, count(*) FROM webapp_job WHERE project_id = %s"
        " AND state NOT IN ('succeeded', 'cancelled') GROUP BY 1, 2, 3",
        project,
    )
    for kind, state, code, count in left:
        if extra_pictures != count or (kind, state) != ("index", "failed"):
            verdict.lost.append(f"{count} {kind} {state} {code}".strip())
    return verdict


def _pictures(app: App, project: int, done: Done, extra: int, verdict: Verdict) -> None:
    found = app.rows(
        "SELECT i.id, i.sha256, i.status, count(e.id) FROM webapp_image i"
        " LEFT JOIN webapp_embedding e ON e.image_id = i.id WHERE i.project_id = %s"
        " GROUP BY i.id",
        project,
    )
    ready = {sha: image for image, sha, status, vectors in found if status == "ready" and vectors}
    verdict.lose(len(done.images.items() - ready.items()), "pictures")
    verdict.double(len(found) - len(done.images) - extra, "pictures")
    verdict.double(sum(vectors > 1 for *_, vectors in found), "vectors")
    indexed = app.rows(
        "SELECT subject_id FROM webapp_job WHERE project_id = %s AND kind = 'index'"
        " AND state = 'succeeded' GROUP BY 1 HAVING count(*) > 1",
        project,
    )
    verdict.double(len(indexed), "readings")


def _files(app: App, project: int, done: Done, verdict: Verdict) -> None:
    lost = 0
    with app.client(timeout_seconds=30) as client:
        for sha256 in done.images:
            original = client.get(f"/media/{project}/{sha256}/original")
            thumbnail = client.get(f"/media/{project}/{sha256}/thumbnail")
            is_whole = hashlib.sha256(original.content).hexdigest() == sha256
            lost += not (is_whole and thumbnail.is_success and thumbnail.content)
    verdict.lose(lost, "files")


def _labels(app: App, project: int, done: Done, verdict: Verdict) -> None:
    found = app.rows(
        "SELECT l.image_id, l.is_positive FROM webapp_label l"
        " JOIN webapp_concept c ON c.id = l.concept_id WHERE c.project_id = %s AND c.name = %s",
        project,
        CONCEPT,
    )
    verdict.lose(len(done.labels.items() - dict(found).items()), "labels")
    verdict.double(len(found) - len(done.labels), "labels")


def _versions(app: App, project: int, done: Done, verdict: Verdict) -> None:
    numbers = {n for (n,) in app.rows(_VERSIONS, project)}
    trained = dict(app.rows(_TRAINED, project))
    made = {result["version"] for result in trained.values()}
    verdict.lose(len(done.jobs - trained.keys()), "trainings")
    verdict.lose(len(made - numbers), "versions")
    verdict.double(len(numbers - made) + len(trained) - len(made), "versions")
    sha256, image = next(iter(done.images.items()))
    for number in numbers:
        path = f"/api/v1/projects/{project}/predict?version={number}"
        with app.client(timeout_seconds=60) as client:
            answer = client.post(path, json={"images": [image]})
        verdict.lose(not answer.is_success, f"artifact of version {number}, asked about {sha256}")


_VERSIONS = "SELECT number FROM webapp_version WHERE project_id = %s"
_TRAINED = """
SELECT id, result FROM webapp_job WHERE project_id = %s AND kind = 'teach' AND state = 'succeeded'
"""


class Progress:
    """Looks four times a second how much is done, to tell how long nothing was."""

    def __init__(self, app: App, project: int) -> None:
        self._app, self._project = app, project
        self._ends = threading.Event()
        self.changes = [now()]
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> None:
        self._ends.set()
        self._thread.join()

    def first_after(self, moment: float) -> float:
        """Return how many seconds after a moment something was done."""
        later = [change for change in self.changes if change >= moment]
        return (later[0] if later else now()) - moment

    def longest_pause(self) -> float:
        pairs = zip(self.changes, self.changes[1:], strict=False)
        return max((after - before for before, after in pairs), default=0.0)

    def _look(self) -> None:
        before = None
        while not self._ends.wait(0.25):
            with contextlib.suppress(psycopg2.Error):
                seen = self._app.one(
                    "SELECT count(*) FROM webapp_job WHERE project_id = %s AND state = 'succeeded'",
                    self._project,
                )
                if seen != before:
                    before = seen
                    self.changes.append(now())
