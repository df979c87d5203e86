"""Notes who did what, in the transaction that does it."""

from typing import Any

from webapp.models import AuditEntry, Project, User


def note(
    action: str, *, actor: User | None, project: Project | None = None, **details: Any
) -> None:
    """Add an entry; `details` is what the action was about, and no secret."""
    AuditEntry.objects.create(
        action=action,
        actor=actor,
        actor_email=actor.email if actor else "",
        project=project,
        details=details,
    )
