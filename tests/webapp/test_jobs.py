"""Jobs: claimed by one worker, finished once, taken over from the dead, given up after three."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from tests.factories import ImageFactory, JobFactory, ProjectFactory
from webapp.errors import Invalid
from webapp.models import Job
from webapp.services import jobs, recovery

pytestmark = pytest.mark.django_db


def grow_old(job: Job) -> None:
    silent = timedelta(seconds=jobs.ABANDONED_AFTER_SECONDS + 1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - silent)


def make_due() -> None:
    Job.objects.update(available_at=Now())


class TestEnqueue:
    def test_a_subject_that_waits_already_is_not_doubled(self):
        project = ProjectFactory()
        for _ in range(2):
            jobs.enqueue(kind=Job.Kind.INDEX, project_id=project.pk, subject_ids=[7, 8], user=None)
        assert sorted(Job.objects.values_list("subject_id", flat=True)) == [7, 8]

    def test_a_running_job_does_not_keep_the_next_from_waiting(self):
        job = JobFactory(kind=Job.Kind.TEACH)
        jobs.claim(kind=Job.Kind.TEACH)
        jobs.enqueue(
            kind=Job.Kind.TEACH,
            project_id=job.project_id,
            subject_ids=[job.subject_id],
            user=None,
        )
        assert sorted(Job.objects.values_list("state", flat=True)) == ["queued", "running"]


class TestWantWithin:
    def want(self, project, seconds):
        jobs.want_within(kind=Job.Kind.GROUP, project_id=project.pk, seconds=seconds)

    def test_what_comes_meanwhile_is_done_with_it(self, project):
        for _ in range(2):
            self.want(project, 10)
        assert jobs.claim(kind=Job.Kind.GROUP) == []
        make_due()
        assert len(jobs.claim(kind=Job.Kind.GROUP, limit=2)) == 1

    def test_what_waits_for_later_is_brought_forward(self, project):
        self.want(project, 10)
        self.want(project, 0)
        assert len(jobs.claim(kind=Job.Kind.GROUP)) == 1

    def test_what_waits_for_sooner_is_left_alone(self, project):
        self.want(project, 0)
        self.want(project, 10)
        assert len(jobs.claim(kind=Job.Kind.GROUP)) == 1

    def test_a_running_one_does_not_do_it(self, project):
        self.want(project, 0)
        jobs.claim(kind=Job.Kind.GROUP)
        self.want(project, 0)
        assert len(jobs.claim(kind=Job.Kind.GROUP)) == 1


class TestClaim:
    def test_takes_the_oldest_first_and_no_more_than_asked_for(self):
        first, second, _ = JobFactory.create_batch(3)
        assert jobs.claim(kind=Job.Kind.INDEX, limit=2) == [first, second]

    def test_takes_what_somebody_waits_for_before_what_nobody_does(self):
        JobFactory.create_batch(3, is_background=True)
        fresh = JobFactory()
        assert jobs.claim(kind=Job.Kind.INDEX)[0] == fresh

    def test_leaves_what_another_worker_has(self):
        JobFactory()
        assert jobs.claim(kind=Job.Kind.INDEX)
        assert jobs.claim(kind=Job.Kind.INDEX) == []

    def test_takes_a_job_that_broke_before_alone(self):
        broken, _, _ = JobFactory.create_batch(3)
        Job.objects.filter(pk=broken.pk).update(attempts=1)
        assert broken not in jobs.claim(kind=Job.Kind.INDEX, limit=8)
        JobFactory()
        Job.objects.filter(state="queued").exclude(pk=broken.pk).update(attempts=2)
        assert jobs.claim(kind=Job.Kind.INDEX, limit=8) == [broken]

    def test_leaves_what_is_not_due_yet(self):
        JobFactory(available_at=Now() + timedelta(minutes=1))
        assert jobs.claim(kind=Job.Kind.INDEX) == []


class TestFinish:
    def test_a_job_that_was_taken_over_cannot_be_finished(self):
        JobFactory()
        [first] = jobs.claim(kind=Job.Kind.INDEX)
        grow_old(first)
        recovery.requeue_abandoned()
        make_due()
        [second] = jobs.claim(kind=Job.Kind.INDEX)
        with pytest.raises(jobs.LostClaimError), transaction.atomic():
            jobs.succeed([first])
        jobs.succeed([second])
        assert Job.objects.get().state == Job.State.SUCCEEDED

    def test_a_failure_keeps_its_reason(self):
        JobFactory()
        [job] = jobs.claim(kind=Job.Kind.INDEX)
        jobs.fail(job, Invalid("The file is empty.", code="empty_file"))
        job.refresh_from_db()
        assert (job.state, job.error_code, job.error_message) == (
            "failed",
            "empty_file",
            "The file is empty.",
        )

    def test_a_released_job_waits_without_an_attempt_counted(self):
        JobFactory(kind=Job.Kind.TEACH)
        [job] = jobs.claim(kind=Job.Kind.TEACH)
        jobs.release(job, done=1, total=3)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.done, job.total) == ("queued", 0, 1, 3)

    def test_a_released_job_stays_beside_one_that_waits_for_the_same(self):
        waiting = JobFactory(kind=Job.Kind.TEACH)
        [job] = jobs.claim(kind=Job.Kind.TEACH)
        JobFactory(kind=Job.Kind.TEACH, subject_id=waiting.subject_id, project=waiting.project)
        jobs.release(job, done=0, total=1)
        assert list(Job.objects.values_list("state", flat=True)) == ["queued", "queued"]

    def test_who_waits_sees_the_end_without_an_event(self):
        job = JobFactory(kind=Job.Kind.TEACH)
        Job.objects.filter(pk=job.pk).update(state=Job.State.SUCCEEDED)
        assert jobs.wait(job, timeout_seconds=60).state == Job.State.SUCCEEDED


class TestForgetting:
    def test_what_failed_is_told_for_a_month(self):
        for state, days in (("succeeded", 2), ("failed", 2), ("failed", 31)):
            JobFactory(state=state, finished_at=Now() - timedelta(days=days))
        jobs.forget_finished()
        assert list(Job.objects.values_list("state", flat=True)) == ["failed"]


class TestRecovery:
    def test_a_silent_worker_loses_its_job_and_a_beating_one_keeps_it(self):
        JobFactory.create_batch(2)
        silent, beating = jobs.claim(kind=Job.Kind.INDEX, limit=2)
        grow_old(silent)
        recovery.requeue_abandoned()
        assert Job.objects.get(pk=silent.pk).state == Job.State.QUEUED
        assert Job.objects.get(pk=beating.pk).state == Job.State.RUNNING

    def test_the_third_attempt_is_the_last(self):
        JobFactory(kind=Job.Kind.TEACH)
        for _ in range(jobs.MAX_ATTEMPTS):
            make_due()
            [job] = jobs.claim(kind=Job.Kind.TEACH)
            grow_old(job)
            recovery.requeue_abandoned()
        make_due()
        assert jobs.claim(kind=Job.Kind.TEACH) == []
        assert Job.objects.get().state == Job.State.FAILED
        assert Job.objects.get().error_code == "worker_failed"

    def test_a_picture_that_kills_three_workers_says_so(self):
        image = ImageFactory(status="pending")
        JobFactory(subject_id=image.pk, project=image.project)
        for _ in range(jobs.MAX_ATTEMPTS):
            make_due()
            [job] = jobs.claim(kind=Job.Kind.INDEX)
            grow_old(job)
            recovery.requeue_abandoned()
        image.refresh_from_db()
        assert (image.status, image.error_code) == ("failed", "index_failed")

    def test_a_job_that_breaks_is_given_back(self):
        JobFactory(kind=Job.Kind.TEACH)
        claimed = jobs.claim(kind=Job.Kind.TEACH)
        with jobs.at_work(claimed, give_back=recovery.give_back):
            raise ZeroDivisionError
        assert Job.objects.get().state == Job.State.QUEUED


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_share_no_job():
    JobFactory.create_batch(40)
    claimed: list[Job] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        while batch := jobs.claim(kind=Job.Kind.INDEX, limit=3):
            claimed.extend(batch)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.pk for job in claimed) == sorted(Job.objects.values_list("pk", flat=True))
