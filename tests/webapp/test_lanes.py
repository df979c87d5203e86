"""Piles are worked off side by side, each picture once; what broke before comes alone."""

import threading

import pytest

from tests.factories import JobFactory
from webapp import learning
from webapp.models import Job
from webapp.services import indexing, jobs, lanes
from webapp.tasks.index import look_closer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def indexed(monkeypatch, settings):
    """Which subjects were indexed together, and how many batches were under way then."""
    settings.LEARNING_STREAMS = 2
    monkeypatch.setattr(learning, "embedder", lambda: None)
    batches, running, gate = [], [], threading.Lock()

    def index(claimed):
        with gate:
            running.append(claimed)
            batches.append(([job.subject_id for job in claimed], len(running)))
        jobs.succeed(claimed)
        with gate:
            running.remove(claimed)

    monkeypatch.setattr(indexing, "index", index)
    return batches


def test_every_waiting_picture_is_indexed_once(indexed):
    JobFactory.create_batch(50)
    assert lanes.work_off()
    subjects = [subject for batch, _ in indexed for subject in batch]
    assert sorted(subjects) == sorted(Job.objects.values_list("subject_id", flat=True))
    assert set(Job.objects.values_list("state", flat=True)) == {"succeeded"}


def test_a_picture_that_broke_before_is_alone_in_the_worker(indexed):
    JobFactory.create_batch(12)
    broken = JobFactory(attempts=1)
    lanes.work_off()
    assert indexed[-1] == ([broken.subject_id], 1)


def test_an_idle_worker_is_told_that_nothing_is_left(indexed):
    assert not lanes.work_off()


def test_a_worker_looks_up_from_a_large_pile_after_its_shift(indexed, monkeypatch):
    monkeypatch.setattr(lanes, "SHIFT_SECONDS", 0.0)
    JobFactory.create_batch(40)
    assert lanes.work_off()
    assert Job.objects.filter(state="queued").exists()


def test_a_message_for_closer_views_finds_the_pictures_that_wait_as_well(indexed):
    """Where one stands in the queue, none is sent for pictures: no sweep should be needed."""
    JobFactory.create_batch(3)
    look_closer()
    assert set(Job.objects.values_list("state", flat=True)) == {"succeeded"}
