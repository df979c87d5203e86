"""A clock that is set back keeps no work waiting until it is that late again."""

import contextlib
import time
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from django.db import OperationalError
from django.utils import timezone

from tests import servers
from tests.factories import ConceptFactory, ImageFactory, JobFactory, LabelFactory
from tests.real import free_ports
from webapp.celery import app
from webapp.embedded import parts
from webapp.models import Image, Job
from webapp.scheduling import STUCK_SECONDS, Steadily, SteadyScheduler
from webapp.services import jobs, teaching
from webapp.tasks import housekeeping

HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_what_waits_for_the_future_is_due_now():
    JobFactory(available_at=timezone.now() + HOUR)
    assert not jobs.claim(kind=Job.Kind.INDEX)
    housekeeping.sweep()
    assert jobs.claim(kind=Job.Kind.INDEX)


@pytest.mark.django_db
def test_what_is_put_off_for_a_moment_stays_so():
    soon = timezone.now() + timedelta(seconds=10)
    job = JobFactory(available_at=soon)
    jobs.mend_times()
    job.refresh_from_db()
    assert job.available_at == soon


@pytest.mark.django_db
def test_who_died_in_the_future_is_given_up_in_time():
    job = JobFactory(state="running", heartbeat_at=timezone.now() + HOUR)
    jobs.mend_times()
    job.refresh_from_db()
    assert job.heartbeat_at < timezone.now() + timedelta(minutes=1)


def test_what_comes_every_few_seconds_goes_on():
    every = Steadily(timedelta(seconds=10))
    now = every.now()
    assert every.is_due(now + HOUR).is_due
    assert every.is_due(now - timedelta(seconds=11)).is_due
    assert not every.is_due(now - timedelta(seconds=1)).is_due


def test_the_clock_process_does_not_wait_for_an_hour_that_was(monkeypatch):
    sent = []
    scheduler = SteadyScheduler(app)
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, **_: sent.append(entry.name))
    before = app.now()
    monkeypatch.setattr(app, "now", lambda: before + HOUR)
    scheduler.tick()
    monkeypatch.setattr(app, "now", lambda: before)
    scheduler.tick()
    assert sent == ["sweep", "sweep"]


def test_a_clock_that_stands_still_says_so(monkeypatch):
    scheduler = SteadyScheduler(app)
    monkeypatch.setattr(scheduler, "apply_entry", lambda *_, **__: None)
    assert not scheduler.is_stuck
    later = time.monotonic() + STUCK_SECONDS + 1
    monkeypatch.setattr("webapp.scheduling.time.monotonic", lambda: later)
    assert scheduler.is_stuck
    scheduler.tick()
    assert not scheduler.is_stuck


def test_the_clock_answers_who_asks_how_it_is(databases):
    [port] = free_ports(1)
    program = parts.clock()
    environment = {**program.environment, "PUPIL_METRICS_PORT": str(port)}

    def is_well() -> bool:
        with contextlib.suppress(httpx.TransportError):
            address = f"http://127.0.0.1:{port}/healthz"
            return httpx.get(address, trust_env=False).text == "ok"
        return False

    with servers.running(replace(program, environment=environment), is_well):
        pass


@pytest.mark.django_db(transaction=True)
def test_jobs_are_given_back_once_the_database_is_there_again():
    JobFactory()
    claimed, tries = jobs.claim(kind=Job.Kind.INDEX), []

    def give_back(broken):
        tries.append(broken)
        if len(tries) == 1:
            raise OperationalError("the database is starting up")

    with jobs.at_work(claimed, give_back=give_back):
        raise OSError
    assert tries == [claimed, claimed]


@pytest.mark.django_db
def test_training_waits_for_marked_photos_that_came_before_the_clock_was_set_back():
    image = ImageFactory(status=Image.Status.PENDING)
    LabelFactory(image=image, concept=ConceptFactory(project=image.project))
    Image.objects.update(created_at=timezone.now() + HOUR)
    job = JobFactory(project=image.project, kind=Job.Kind.TEACH)
    with pytest.raises(teaching.StillReadingError):
        teaching.teach(job)
