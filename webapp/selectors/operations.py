"""What staff see of the whole installation: queues, workers, and work that failed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import redis
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from webapp import events
from webapp.models import AuditEntry, Job, Project, User

WORKER_KEYS = "worker:"
_SHOWN_FAILED = 50
_SHOWN_ALLOWED = 100
_SHOWN_DEEDS = 100
DEEDS = {
    "backup.begun": "began a backup",
    "backup.restored": "put a backup back",
    "project.deleted": "deleted a project",
    "person.forgotten": "forgot a person",
    "person.signed_in": "signed in",
    "password.changed": "set a password",
    "token.made": "made a token",
    "token.revoked": "revoked a token",
    "second_factor.added": "switched two-step sign-in on",
    "second_factor.removed": "switched two-step sign-in off",
    "recovery_codes.made": "made new recovery codes",
    "limits.set": "set a person’s limits",
}


@dataclass(frozen=True)
class Queue:
    kind: str
    waiting: int
    running: int
    failed: int
    oldest_seconds: float
    """How long the oldest job that could be worked on has waited."""


@dataclass(frozen=True)
class Worker:
    name: str
    queues: list[str]
    task: str
    """What it is at; empty while it waits."""
    since: datetime


def queues() -> list[Queue]:
    """Return every kind of work, also where there is none."""
    states = Job.State
    due = Q(state=states.QUEUED, available_at__lte=Now())
    found: dict[str, Any] = {
        row["kind"]: row
        for row in Job.objects.filter(~Q(state=states.SUCCEEDED))
        .values("kind")
        .order_by()
        .annotate(
            waiting=Count("pk", filter=Q(state=states.QUEUED)),
            running=Count("pk", filter=Q(state=states.RUNNING)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
            oldest=Min("available_at", filter=due),
        )
    }
    return [_queue(kind, found.get(kind, {})) for kind in Job.Kind.values]


def _queue(kind: str, row: dict[str, Any]) -> Queue:
    oldest = row.get("oldest")
    return Queue(
        kind=kind,
        waiting=row.get("waiting", 0),
        running=row.get("running", 0),
        failed=row.get("failed", 0),
        oldest_seconds=max((timezone.now() - oldest).total_seconds(), 0.0) if oldest else 0.0,
    )


def workers() -> list[Worker]:
    """Return the workers that were heard of lately; none while Valkey is away."""
    try:
        client = events.client()
        names = sorted(client.scan_iter(f"{WORKER_KEYS}*"))
        notes = cast("list[bytes | None]", client.mget(names)) if names else []
    except redis.RedisError:
        return []
    told = [json.loads(note) for note in notes if note]
    return [Worker(**{**one, "since": datetime.fromisoformat(one["since"])}) for one in told]


def failed_jobs() -> QuerySet[Job]:
    """Return the last jobs that failed, with their projects."""
    failed = Job.objects.filter(state=Job.State.FAILED, project__erased_at=None)
    return failed.select_related("project").order_by("-finished_at")[:_SHOWN_FAILED]


def allowed() -> list[User | Project]:
    """Return the people and projects for whom other limits were set, the first of each."""
    own = Q(max_pictures__isnull=False) | Q(max_bytes__isnull=False)
    people = User.objects.filter(own | Q(max_requests_per_minute__isnull=False)).order_by("email")
    projects = Project.objects.filter(own, erased_at=None).order_by("pk")
    return [*people[:_SHOWN_ALLOWED], *projects[:_SHOWN_ALLOWED]]


def deeds() -> list[tuple[AuditEntry, str]]:
    """Return who last did what to no project in particular, newest first, and in words.

    That a project was deleted is told nowhere else. What else was done to one that is erased by now
    has no project either, and is none of staff's business.
    """
    is_of_none = Q(project=None, action__in=DEEDS) | Q(action="project.deleted")
    entries = AuditEntry.objects.filter(is_of_none).exclude(action="limits.set", details__who=None)
    return [(entry, DEEDS[entry.action]) for entry in entries.order_by("-id")[:_SHOWN_DEEDS]]
