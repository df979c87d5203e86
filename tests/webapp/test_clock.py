"""A clock that is set back keeps no work waiting until it is that late again."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from tests.factories import JobFactory
from webapp.celery import Steadily
from webapp.models import Job
from webapp.services import jobs
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
