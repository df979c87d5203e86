"""Seeing inside: logs, metrics, health, and the operations page."""

import json
import logging
import re

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from prometheus_client import REGISTRY

from tests.factories import ImageFactory, JobFactory, UserFactory
from webapp import events, logs, metrics
from webapp.errors import PupilError
from webapp.models import Image, Job, User
from webapp.selectors import tables
from webapp.services import jobs, refining
from webapp.tasks.presence import STUCK_SECONDS, Presence, health_app

pytestmark = pytest.mark.django_db
DASHBOARD = settings.BASE_DIR / "deploy" / "grafana" / "pupil.json"


@pytest.fixture
def staff():
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    return client


def failed_job(**fields):
    fields |= {"state": "failed", "attempts": 3, "error_code": "decode_failed"}
    return JobFactory(**fields, error_message="It is broken.")


class TestOperations:
    def test_only_for_staff(self, client, user):
        client.force_login(user)
        assert client.get("/operations/").status_code == 404
        assert client.get("/metrics").status_code == 404
        assert client.post(f"/operations/jobs/{failed_job().pk}/retry").status_code == 404

    def test_the_first_of_staff_comes_by_a_command(self, client):
        call_command("createsuperuser", "--noinput", email="staff@example.org")
        client.force_login(User.objects.get(email="staff@example.org"))
        assert client.get("/operations/").status_code == 200

    def test_tells_what_waits_and_what_failed(self, staff, project, django_assert_max_num_queries):
        JobFactory.create_batch(2, project=project)
        failed_job(project=project)
        with django_assert_max_num_queries(7):
            page = staff.get("/operations/")
        index = next(queue for queue in page.context["queues"] if queue.kind == "index")
        assert (index.waiting, index.running, index.failed) == (2, 0, 1)
        assert "It is broken." in page.content.decode()

    def test_what_failed_is_tried_again(self, staff, project):
        image = ImageFactory(project=project, status="failed", error_code="decode_failed")
        job = failed_job(project=project, subject_id=image.pk)
        JobFactory(project=project, subject_id=image.pk)  # one like it waits already
        staff.post(f"/operations/jobs/{job.pk}/retry")
        job.refresh_from_db()
        assert (job.state, job.attempts, job.error_code) == ("queued", 0, "")
        assert Image.objects.get().status == "pending"
        assert {one.pk for one in jobs.claim(kind=Job.Kind.INDEX, limit=9)} >= {job.pk}


class TestMetrics:
    def test_for_who_brings_the_token(self, client, settings, project):
        settings.METRICS_TOKEN = "for prometheus"
        JobFactory(project=project)
        told = client.get("/metrics", headers={"Authorization": "Bearer for prometheus"})
        text = told.content.decode()
        assert 'pupil_queue_jobs{kind="index",state="waiting"} 1.0' in text
        assert "pupil_queue_age_seconds" in text
        wrong = client.get("/metrics", headers={"Authorization": "Bearer guess"})
        assert wrong.status_code == 404

    def test_no_token_set_lets_nobody_in(self, client):
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    def test_requests_are_timed_by_route_not_by_id(self, client, user, project):
        client.force_login(user)
        labels = {
            "method": "GET",
            "route": "projects/<int:project_id>/people/",
            "status": "2xx",
        }
        before = REGISTRY.get_sample_value("pupil_request_seconds_count", labels) or 0
        client.get(f"/projects/{project.pk}/people/")
        assert REGISTRY.get_sample_value("pupil_request_seconds_count", labels) == before + 1

    def test_a_word_made_up_for_a_method_makes_no_series_of_its_own(self, client):
        client.generic("BREW", "/readyz")
        assert not any(
            sample.labels.get("method") == "BREW"
            for metric in metrics.REQUEST_SECONDS.collect()
            for sample in metric.samples
        )

    def test_failures_are_counted_by_code(self, project):
        JobFactory(project=project)
        [job] = jobs.claim(kind=Job.Kind.INDEX)
        labels = {"kind": "index", "code": "counted_here"}
        jobs.fail(job, PupilError("no", code="counted_here"))
        jobs.fail(job, PupilError("no", code="counted_here"))  # no longer ours
        assert REGISTRY.get_sample_value("pupil_jobs_failed_total", labels) == 1

    def test_the_dashboard_asks_for_metrics_that_there_are(self, client, settings):
        settings.METRICS_TOKEN = "t"
        told = client.get("/metrics", headers={"Authorization": "Bearer t"}).content.decode()
        there = set(re.findall(r"^# TYPE (pupil_\w+)", told, flags=re.MULTILINE))
        panels = json.loads(DASHBOARD.read_text())["panels"]
        asked = {
            name
            for panel in panels
            for target in panel["targets"]
            for name in re.findall(r"pupil_\w+", target["expr"])
        }
        assert len(asked) >= 6
        assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked} <= there


class TestLogs:
    def line(self, formatter, message, *arguments):
        return formatter.format(
            logging.LogRecord("pupil", logging.INFO, "", 0, message, arguments, None)
        )

    def test_json_says_what_it_is_about(self):
        with logs.about(request="r1"), logs.about(jobs=[7]):
            line = json.loads(self.line(logs.JsonFormatter(), "read %d", 3))
        assert (line["message"], line["request"], line["jobs"]) == ("read 3", "r1", [7])
        assert "request" not in json.loads(self.line(logs.JsonFormatter(), "later"))

    @pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.LineFormatter()])
    @pytest.mark.parametrize(
        "secret",
        [
            "pupil_abcdefgh-this-must-not-be-seen",
            "/join/this-must-not-be-seen/",
            "/welcome/7/this-must-not-be-seen",
            "/accounts/password/reset/key/1-this-must-not-be-seen/",
            "/accounts/confirm-email/MQ:this-must:not-be-seen/",
            "/accounts/signup/?next=%2Fjoin%2Fthis-must-not-be-seen%2F",
        ],
    )
    def test_secrets_are_not_written_down(self, formatter, secret):
        assert "not-be-seen" not in self.line(formatter, "Not Found: %s", secret)

    def test_an_answer_carries_its_requests_id(self, client):
        sent = client.get("/readyz", headers={"X-Request-ID": "from-the-proxy"})
        assert sent["X-Request-ID"] == "from-the-proxy"
        forged = client.get("/readyz", headers={"X-Request-ID": "no good; x=1"})
        assert re.fullmatch("[0-9a-f]{32}", forged["X-Request-ID"])


class TestHealth:
    def test_not_ready_before_the_tables_are_there(self, client, monkeypatch):
        assert client.get("/readyz").json() == {"status": "ok", "missing": []}
        monkeypatch.setattr(tables, "_newest", lambda: {("webapp", "9999_tomorrow")})
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["missing"]) == (503, ["migrations"])

    def test_ready_while_the_queue_is_away_for_requests_go_on(self, client, monkeypatch):
        def away():
            raise redis.ConnectionError

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(events, "client", away)
            answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "missing": ["queue"]})

    @pytest.mark.parametrize("task", ["refine.run", "transfer.take_in"])
    def test_long_work_is_not_stuck(self, task, monkeypatch):
        presence = Presence("refine@here", ["refine"])
        presence.begin(f"webapp.tasks.{task}")
        later = presence._began + 2 * refining.MAX_SECONDS
        monkeypatch.setattr("webapp.tasks.presence.time.monotonic", lambda: later)
        assert not presence.is_stuck

    def test_a_stuck_worker_says_so(self, monkeypatch):
        presence = Presence("index@here", ["index"])
        statuses = []
        app = health_app(presence)

        def ask():
            app({"PATH_INFO": "/healthz"}, lambda status, _: statuses.append(status[:3]))
            return statuses[-1]

        assert ask() == "200"
        presence.begin("webapp.tasks.index.run")
        assert ask() == "200"
        later = presence._began + STUCK_SECONDS + 1
        monkeypatch.setattr("webapp.tasks.presence.time.monotonic", lambda: later)
        assert ask() == "503"
        presence.end()
        assert ask() == "200"


def test_a_worker_is_seen(worker, staff):
    from webapp.embedded.programs import wait_until

    def seen():
        return staff.get("/operations/").context["workers"]

    assert wait_until(lambda: bool(seen()), timeout_seconds=60)
    assert "index" in seen()[0].queues
