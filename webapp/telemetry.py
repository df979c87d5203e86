"""Traces, where somebody gathers them: which request led to which task and job.

Off, and nothing of it imported, until `OTEL_EXPORTER_OTLP_ENDPOINT` says where to. What else there
is to say OpenTelemetry's own settings say (`OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, …).
"""

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from webapp.text import without_keys


@cache
def start(role: str) -> None:
    """Begin to trace this process, once; `role` is what it is known by.

    Raises:
        ImproperlyConfigured: it is wanted, but its packages are not there.
    """
    if not settings.OTLP_ENDPOINT:
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.celery import CeleryInstrumentor
        from opentelemetry.instrumentation.django import DjangoInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ImproperlyConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set: pip install -r requirements-telemetry.txt"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": f"pupil-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    DjangoInstrumentor().instrument(request_hook=_hide_keys)


def _hide_keys(span: Any, _: HttpRequest) -> None:
    """Have what is told of a request name no key that its address holds."""
    if span.is_recording():
        told = {name: value for name, value in span.attributes.items() if isinstance(value, str)}
        span.set_attributes({name: without_keys(value) for name, value in told.items()})


def span(name: str, **attributes: Any) -> AbstractContextManager[Any]:
    """Have what the body does be a part of its own."""
    if not settings.OTLP_ENDPOINT:
        return nullcontext()
    from opentelemetry import trace

    return trace.get_tracer(__name__).start_as_current_span(name, attributes=attributes)


def note(**attributes: Any) -> None:
    """Add to the part that is under way."""
    if settings.OTLP_ENDPOINT:
        from opentelemetry import trace

        trace.get_current_span().set_attributes(attributes)


def fail(reason: str) -> None:
    """Say that the part that is under way went wrong."""
    if settings.OTLP_ENDPOINT:
        from opentelemetry import trace

        trace.get_current_span().set_status(trace.StatusCode.ERROR, reason)
