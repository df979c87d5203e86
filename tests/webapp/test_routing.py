"""A project's live version answered by workers of its own; everything else by everybody's."""

import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.factories import VersionFactory
from webapp import celery, environment, scratch
from webapp.embedded import parts
from webapp.errors import Busy
from webapp.models import Version
from webapp.services import asking, line, looking, routing

pytestmark = pytest.mark.usefixtures("databases")


def test_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("ROUTES", "12=rex, 15=rex,20=fruit")
    assert environment.routes("ROUTES") == {12: "rex", 15: "rex", 20: "fruit"}
    for wrong in ("rex", "12=", "x=rex", "12=Rex/../"):
        monkeypatch.setenv("ROUTES", wrong)
        with pytest.raises(ImproperlyConfigured):
            environment.routes("ROUTES")


@pytest.mark.django_db
def test_the_live_version_alone_is_routed(settings):
    live, trial = VersionFactory(stage=Version.Stage.LIVE), VersionFactory()
    settings.SERVE_ROUTES = {live.project_id: "rex", trial.project_id: "rex"}
    assert routing.lane_of(live) == "rex"
    assert routing.lane_of(trial) == ""
    assert routing.lane_of(VersionFactory(stage=Version.Stage.LIVE)) == ""


@pytest.fixture
def two_workers(monkeypatch):
    """Two that look, in lanes where no real worker does; they note whose pictures they got."""
    scratch.client().flushdb()
    seen = {"fruit": [], "rex": []}

    def look(waiting):
        lane = threading.current_thread().name.partition("/")[0]
        seen[lane] += [one.data for one in waiting]
        return [(one, {"by": lane}) for one in waiting]

    monkeypatch.setattr(looking, "look", look)
    lookers = {lane: looking.Lookers([lane]) for lane in seen}
    for lane, one in lookers.items():
        for thread in one._threads:
            thread.name = f"{lane}/{thread.name}"
    yield seen, lookers
    for one in lookers.values():
        if one._threads[0].is_alive():
            one.stop()


def test_each_looks_at_its_own_and_neither_waits_for_the_other(two_workers, monkeypatch):
    seen, lookers = two_workers
    lookers["rex"].start()
    assert line.ask([b"a", b"b"], lane="rex") == [{"by": "rex"}] * 2
    with monkeypatch.context() as hurried:
        hurried.setattr(line, "TIMEOUT_SECONDS", 0.2)
        with pytest.raises(Busy):
            line.ask([b"c"], lane="fruit")  # nobody looks there
    lookers["fruit"].start()
    assert line.ask([b"d"], lane="fruit") == [{"by": "fruit"}]
    assert seen == {"fruit": [b"d"], "rex": [b"a", b"b"]}


def test_questions_go_to_the_lane_too(monkeypatch):
    sent = []

    def send_task(name, **options):
        sent.append(options["queue"])
        raise OSError

    monkeypatch.setattr(celery.app, "send_task", send_task)
    for lane in ("rex", ""):
        with pytest.raises(Busy):
            asking.ask("webapp.tasks.serve.predict_images", lane=lane)
    assert sent == ["serve.rex", "serve"]


def test_make_run_starts_a_worker_for_each_lane(monkeypatch):
    monkeypatch.setattr(parts, "SERVE_QUEUES", ("serve.rex",))
    assert [one.name for one in parts.workers()] == [*celery.QUEUES, "serve.rex"]
    ours = parts.workers()[-1]
    assert "serve.rex" in ours.command
    assert ours.environment["OPENBLAS_NUM_THREADS"] == "1"
