"""Traces: a task knows the request that it came from; off, none of it is even there."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider

from tests.factories import JobFactory
from webapp import events, telemetry
from webapp.errors import Invalid
from webapp.services import jobs

# A web process of its own: what is traced is set up once and for all. It gives what came of it to
# the collector at its end.
REQUEST = """
from webapp.wsgi import application
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from webapp import urls
from webapp.celery import app
from webapp.models import Job
from webapp.services import jobs
from webapp.services.jobs import wanting

def waking(request):
    with jobs.at_work([Job(pk=7, kind="teach")], give_back=print):
        wanting._wake(Job.Kind.TEACH)
    with jobs.at_work([Job(pk=8, kind="draft")], give_back=print):
        raise ValueError("shapes differ")
    return HttpResponse()

app.conf.task_routes = {"webapp.tasks.teach.run": {"queue": "traced"}}  # no worker takes it there
urls.urlpatterns.insert(0, path("traced", waking))
answer = Client(headers={"X-Request-ID": "request-12345"}).get("/traced")
assert answer.status_code == 200
Client().get("/join/this-must-not-be-seen/?next=/join/this-must-not-be-seen/")
"""


@pytest.fixture
def collector():
    """Gathers spans, by name."""
    spans = {}

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            told = ExportTraceServiceRequest()
            told.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in told.resource_spans:
                for scope in resource.scope_spans:
                    spans.update({span.name: span for span in scope.spans})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()


def attributes_of(span):
    return {one.key: one.value for one in span.attributes}


def test_a_task_carries_the_trace_of_the_request_it_came_from(collector, databases):
    address, spans = collector
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": address}
    environment |= {"DJANGO_SETTINGS_MODULE": "webapp.settings"}
    command = [sys.executable, "-c", REQUEST]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
    request, job = spans["GET traced"], spans["job teach"]
    assert attributes_of(request)["request"].string_value == "request-12345"
    assert [one.int_value for one in attributes_of(job)["jobs"].array_value.values] == [7]
    assert job.trace_id == request.trace_id
    broken = spans["job draft"]
    assert (broken.status.code, broken.status.message) == (
        trace.StatusCode.ERROR.value,
        "ValueError",
    )
    assert job.status.code == trace.StatusCode.UNSET.value
    invitation = attributes_of(spans["GET join/<str:key>/"])
    assert any("/join/…" in value.string_value for value in invitation.values())
    assert not any("not-be-seen" in value.string_value for value in invitation.values())
    message = json.loads(events.client().lpop("traced"))
    assert message["headers"]["traceparent"].split("-")[1] == request.trace_id.hex()


@pytest.mark.django_db
def test_a_job_that_ends_as_failed_is_an_error(settings):
    settings.OTLP_ENDPOINT = "http://collector:4318"
    JobFactory()
    [job] = jobs.claim(kind="index")
    span = TracerProvider().get_tracer("test").start_span("job index")
    with trace.use_span(span):
        jobs.fail(job, Invalid("This is no picture.", code="not_an_image"))
    assert (span.status.status_code, span.status.description) == (
        trace.StatusCode.ERROR,
        "not_an_image",
    )


def test_off_nothing_of_it_is_imported():
    # The library of Valkey looks at OpenTelemetry's API by itself where that is installed.
    code = "import sys, webapp.asgi, webapp.tasks.tracing; webapp.tasks.tracing._start('index@x')\n"
    code += "told = ('opentelemetry.instrumentation', 'opentelemetry.exporter')\n"
    code += "assert not [name for name in sys.modules if name.startswith(told)]"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    environment.pop("OTEL_EXPORTER_OTLP_ENDPOINT", None)
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)


def test_off_it_does_nothing():
    with telemetry.span("job", jobs=[1]) as span:
        telemetry.note(request="x")
    assert span is None


def test_wanted_without_its_packages_it_says_what_to_install(monkeypatch, settings):
    settings.OTLP_ENDPOINT = "http://collector:4318"
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements-telemetry\.txt"):
        telemetry.start("nothing")
