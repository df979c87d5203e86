"""Who belongs to a project, and what they may do there."""

from collections.abc import Iterable

from django.db.models import Case, QuerySet, Value, When

from webapp.errors import Forbidden
from webapp.models import AuditEntry, Invitation, Membership, Project, User
from webapp.rights import BY_ROLE, Right

_SHOWN_DEEDS = 50
_LOOKED_AT_PER_SHOWN = 20  # rows, most of which belong to the same deed
_ORDER = Case(
    *(When(role=role, then=Value(place)) for place, role in enumerate(Membership.Role.values))
)


def of_project(project: Project) -> QuerySet[Membership]:
    """Return the members, owners first."""
    members = Membership.objects.filter(project=project).select_related("user")
    return members.order_by(_ORDER, "user__email")


def invitations(project: Project) -> QuerySet[Invitation]:
    """Return the links that still let somebody in, newest first."""
    return Invitation.objects.open().filter(project=project).order_by("-id")


def deeds(project: Project) -> list[AuditEntry]:
    """Return who last did what to the project and its members, newest first.

    What somebody did several times in a row, as deleting goes by some hundred photos, is told once.
    """
    told: list[AuditEntry] = []
    entries = AuditEntry.objects.filter(project=project).order_by("-id")
    for entry in entries[: _LOOKED_AT_PER_SHOWN * _SHOWN_DEEDS]:
        if told and _is_more_of(told[-1], entry):
            told[-1].details["count"] += entry.details["count"]
        elif len(told) < _SHOWN_DEEDS:
            told.append(entry)
        else:
            break
    return told


def _is_more_of(deed: AuditEntry, earlier: AuditEntry) -> bool:
    same = (deed.action, deed.actor_id) == (earlier.action, earlier.actor_id)
    return same and "count" in deed.details and "count" in earlier.details


def role(user: User, project_id: int) -> str:
    """Return a person's part in a project; empty when they have none."""
    mine = Membership.objects.filter(user=user, project_id=project_id)
    return mine.values_list("role", flat=True).first() or ""


def rights(user: User, project_id: int) -> list[Right]:
    """Return what a person may do in a project, by name."""
    return sorted(BY_ROLE.get(role(user, project_id), set()))


def check(user: User, project_id: int, right: Right) -> None:
    """Refuse a member what their part doesn't allow.

    Nothing is said to those who are no members: for them the project does not exist, and whoever
    looks for it says so.

    Raises:
        Forbidden: they are a member, but not of this kind.
    """
    if right == Right.READ:
        return  # every member may
    part = role(user, project_id)
    if part and right not in BY_ROLE[part]:
        raise Forbidden(
            f"You are a {part} of this project, so you can't {right.words}. Ask one of its owners.",
            code="role_forbids",
        )


def check_token(scopes: Iterable[str], right: Right) -> None:
    """Refuse a program what its token was not made for.

    Raises:
        Forbidden: the token has scopes, and not this one.
    """
    if scopes and right not in scopes:
        raise Forbidden(
            f"This token may not {right.words}: it has no scope “{right}”.", code="scope_missing"
        )
