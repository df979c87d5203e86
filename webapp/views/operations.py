"""For staff and for machines that watch: the operations page, and metrics."""

import secrets
from collections.abc import Callable, Iterator
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from webapp.errors import Invalid, PupilError
from webapp.selectors import operations as selectors
from webapp.selectors import quotas
from webapp.services import quotas as quota_services
from webapp.services import recovery
from webapp.views.access import user_of

_MOST_DIGITS = 9


def _for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page to staff; for others it does not exist."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not _is_staff(request):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def _is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_authenticated and request.user.is_staff)


@_for_staff
@never_cache
@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    context = {
        "queues": selectors.queues(),
        "workers": selectors.workers(),
        "failed": selectors.failed_jobs(),
        "installation": [one for one in quotas.quotas(user=None) if one.scope == "installation"],
        "allowed": selectors.allowed(),
        "deeds": selectors.deeds(),
    }
    return render(request, "operations.html", context)


@_for_staff
@require_POST
def allow(request: HttpRequest) -> HttpResponse:
    """Let a person or a project have something else than the settings say."""
    try:
        gigabytes = _number(request, "gigabytes")
        allowance = quota_services.Allowance(
            pictures=_number(request, "pictures"),
            bytes=None if gigabytes is None else gigabytes * 2**30,
            requests_per_minute=_number(request, "requests"),
        )
        whom = request.POST.get("whom", "")
        whose = quota_services.allow(staff=user_of(request), whom=whom, allowance=allowance)
        messages.success(request, f"The limits of {whose} are set.")
    except PupilError as refused:
        messages.error(request, refused.message)
    return redirect("operations")


def _number(request: HttpRequest, name: str) -> int | None:
    """Return a field's number, None where it is empty.

    Raises:
        Invalid: it is no number.
    """
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise Invalid("Give whole numbers, or nothing.", code="bad_limit")
    return int(text)


@_for_staff
@require_POST
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    try:
        recovery.try_again(job_id=job_id)
        messages.success(request, "It is tried again.")
    except PupilError as refused:
        messages.error(request, refused.message)
    return redirect("operations")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus, who brings `PUPIL_METRICS_TOKEN`, and staff how it goes."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    has_token = bool(token) and secrets.compare_digest(sent.encode(), token.encode())
    if not has_token and not _is_staff(request):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


class _Queues(Collector):
    """Read from the database when asked: the same wherever one asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        waiting = GaugeMetricFamily("pupil_queue_jobs", "Jobs by state.", labels=["kind", "state"])
        age = GaugeMetricFamily(
            "pupil_queue_age_seconds", "How long the oldest job has waited.", labels=["kind"]
        )
        for queue in selectors.queues():
            for state in ("waiting", "running", "failed"):
                waiting.add_metric([queue.kind, state], getattr(queue, state))
            age.add_metric([queue.kind], queue.oldest_seconds)
        yield waiting
        yield age

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # so that registering asks no database


REGISTRY.register(_Queues())
