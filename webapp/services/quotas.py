"""How much may be kept: checked before a picture is stored, and what staff allow instead."""

from dataclasses import dataclass

from django.db import connection, transaction

from webapp.errors import Invalid, NotFound, QuotaExceeded
from webapp.models import Project, User
from webapp.selectors import quotas as selectors
from webapp.selectors.quotas import Limit
from webapp.services import accounts, audit, locks

_OWNERS = {
    "installation": "This installation has",
    "person": "You have",
    "project": "This project has",
}
_MOST = 2**50
_ADD_UP = """
WITH alike AS (SELECT id, count(*) OVER (PARTITION BY project_id, person_id) FROM webapp_usage),
noted AS (
    DELETE FROM webapp_usage WHERE id IN (SELECT id FROM alike WHERE count > 1)
    RETURNING project_id, person_id, pictures, bytes
)
INSERT INTO webapp_usage (project_id, person_id, pictures, bytes)
SELECT project_id, person_id, sum(pictures), sum(bytes) FROM noted GROUP BY 1, 2
HAVING sum(pictures) <> 0 OR sum(bytes) <> 0
"""


@dataclass(frozen=True)
class Allowance:
    """What staff allow; None: as the settings say, 0: as much as they like."""

    pictures: int | None = None
    bytes: int | None = None
    requests_per_minute: int | None = None


def check(*, user: User, project: Project | None, size: int, pictures: int = 1) -> None:
    """Refuse what is too much already, before anything is stored.

    Raises:
        QuotaExceeded: there is no room for it.
    """
    for limit in selectors.limits(user=user, project=project):
        _check(limit, size=size, pictures=pictures)


def take(*, user: User, project: Project | None, size: int, pictures: int = 1) -> None:
    """Refuse what is too much, and let nobody else count until this transaction ends.

    Raises:
        QuotaExceeded: there is no room for it.
    """
    for limit in selectors.limits(user=user, project=project):
        locks.hold_quota(limit.scope, limit.owner_id)
        _check(limit, size=size, pictures=pictures)


def add_up() -> None:
    """Make one row of all that tell of the same person and project; the sums stay the same."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP)


def _check(limit: Limit, *, size: int, pictures: int) -> None:
    quota = selectors.quota(limit)
    is_full = limit.pictures and quota.pictures + pictures > limit.pictures
    is_heavy = limit.bytes and quota.bytes + size > limit.bytes
    if is_full or is_heavy:
        raise QuotaExceeded(
            f"{_OWNERS[limit.scope]} {quota.words}: there is no room for more.",
            details=vars(quota),
        )


@transaction.atomic
def allow(*, staff: User, whom: str, allowance: Allowance) -> str:
    """Let a person (by e-mail address) or a project (by number) have more, or less; return who.

    Raises:
        NotFound: there is no such person or project.
        Invalid: this can't be allowed.
    """
    if any(value is not None and not 0 <= value <= _MOST for value in vars(allowance).values()):
        raise Invalid("This is too much. Leave it empty, or say 0 for no limit.", code="bad_limit")
    if whom.strip().isdecimal():
        return _allow_project(staff, int(whom.strip()[:18]), allowance)
    person = accounts.find_user(email=whom.strip())
    person.max_pictures, person.max_bytes = allowance.pictures, allowance.bytes
    person.max_requests_per_minute = allowance.requests_per_minute
    person.save(update_fields=["max_pictures", "max_bytes", "max_requests_per_minute"])
    audit.note("limits.set", actor=staff, who=person.pk, **vars(allowance))
    return person.email


def _allow_project(staff: User, project_id: int, allowance: Allowance) -> str:
    project = Project.objects.filter(pk=project_id, erased_at=None).first()
    if project is None:
        raise NotFound("There is no such project.", code="project_not_found")
    if allowance.requests_per_minute is not None:
        raise Invalid("Requests are limited by person, not by project.", code="bad_limit")
    project.max_pictures, project.max_bytes = allowance.pictures, allowance.bytes
    project.save(update_fields=["max_pictures", "max_bytes"])
    audit.note("limits.set", actor=staff, project=project, **vars(allowance))
    return f"“{project.name}”"
