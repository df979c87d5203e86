"""Work for a role while it is killed, where the load leaves it idle; it must all end well."""

import contextlib
import io
import zipfile
from collections.abc import Callable, Iterator

from tests.faults.load import CONCEPT, Load
from tests.faults.pictures import mosaic, picture
from tests.faults.surroundings import soon

_PATIENCE_SECONDS = 300.0
_BROUGHT = 2_000
_REFINED = 8  # pictures of each concept
_STATE = "SELECT state FROM webapp_job WHERE id = %s"
_ATTEMPTS = "SELECT kind, attempts FROM webapp_job WHERE id = %s"
_BROUGHT_IN = """
SELECT count(*) FROM webapp_image i JOIN webapp_label l ON l.image_id = i.id WHERE i.project_id = %s
"""


@contextlib.contextmanager
def occupied(role: str, load: Load) -> Iterator[None]:
    """Begin what the role has to do, and see at the end that it was done, once."""
    with _WORK.get(role, _nothing)(load):
        yield


@contextlib.contextmanager
def _nothing(load: Load) -> Iterator[None]:
    yield


@contextlib.contextmanager
def _erasing(load: Load) -> Iterator[None]:
    spare = load.ask("POST", "/projects", json={"name": "spare"})["id"]
    load.ask("DELETE", f"/projects/{spare}")
    yield
    query = "SELECT count(*) FROM webapp_project WHERE id = %s"
    soon(lambda: not load.app.one(query, spare), seconds=120, what="the project is erased")


@contextlib.contextmanager
def _refining(load: Load) -> Iterator[None]:
    """Refine a project of its own: the load's pictures are too much alike to be told apart."""
    path = f"/projects/{load.ask('POST', '/projects', json={'name': 'refined'})['id']}"
    for concept in ("warm", "cold"):
        files = [
            ("file", (f"{number}.jpg", mosaic(number, load.run, is_warm=concept == "warm")))
            for number in range(_REFINED)
        ]
        load.ask("POST", f"{path}/images", data={"concept": concept}, files=files)
    trained = load.ask("POST", f"{path}/train")["job"]["id"]
    _wait_until(load, trained, "succeeded")
    job = load.ask("POST", f"{path}/refine")["job"]["id"]
    _wait_until(load, job, "running")
    yield
    _see_done(load, job)
    load.ask("DELETE", path)


@contextlib.contextmanager
def _looking_through(load: Load) -> Iterator[None]:
    brought = _bring(load)
    _wait_until(load, brought["job"]["id"], "running")
    yield
    _see_done(load, brought["job"]["id"])
    path = f"/imports/{brought['id']}"
    found = load.ask("GET", path)["report"]["pictures"]
    assert found == _BROUGHT, f"{found} of {_BROUGHT} pictures were found in a data set"
    load.ask("DELETE", path)


@contextlib.contextmanager
def _taking_in(load: Load) -> Iterator[None]:
    _wait_for_version(load)
    brought = _bring(load)
    _wait_until(load, brought["job"]["id"], "succeeded")
    load.ask("POST", f"/projects/{load.project}/versions/1/export")  # judged by its job
    job = load.ask("POST", f"/imports/{brought['id']}/start", json={"name": "brought"})["id"]
    _wait_until(load, job, "running")
    yield
    _see_done(load, job)
    project = load.ask("GET", f"/imports/{brought['id']}")["project"]
    labelled = load.app.one(_BROUGHT_IN, project)
    assert labelled == _BROUGHT, f"{labelled} of {_BROUGHT} labelled pictures were taken in"
    load.ask("DELETE", f"/projects/{project}")


_WORK: dict[str, Callable[[Load], contextlib.AbstractContextManager[None]]] = {
    "housekeeping": _erasing,
    "refine": _refining,
    "inspect": _looking_through,
    "transfer": _taking_in,
}


def _wait_for_version(load: Load) -> None:
    path = f"/projects/{load.project}/versions"
    soon(lambda: load.ask("GET", path)["items"], seconds=_PATIENCE_SECONDS, what="a version")


def _wait_until(load: Load, job: int, state: str) -> None:
    soon(
        lambda: load.app.one(_STATE, job) in {state, "succeeded", "failed"},
        seconds=_PATIENCE_SECONDS,
        what=f"job {job} is {state}",
    )
    now = load.app.one(_STATE, job)
    assert now == state, f"job {job} was {now} before it could be met {state}"


def _see_done(load: Load, job: int) -> None:
    _wait_until(load, job, "succeeded")
    [(kind, attempts)] = load.app.rows(_ATTEMPTS, job)
    print(f"  {kind} took {attempts} attempts")


def _bring(load: Load) -> dict[str, dict[str, int]]:
    """Send a data set of small pictures, each unlike the others in its last bytes alone."""
    buffer, drawn = io.BytesIO(), picture(4_000_000, load.run)
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(_BROUGHT):
            archive.writestr(f"{CONCEPT}/{number}.jpg", drawn + number.to_bytes(4, "big"))
    return load.ask("POST", "/imports?filename=brought.zip", content=buffer.getvalue())
