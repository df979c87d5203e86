"""How many requests a minute may be sent: in all, by a person, to a project."""

from dataclasses import dataclass

from django.conf import settings

from webapp.models import Membership, User


@dataclass(frozen=True)
class Allowed:
    """How many requests a minute may be sent."""

    scope: str
    owner_id: int
    most: int

    @property
    def words(self) -> str:
        """Say it in plain words."""
        return f"{self.most:,} {_WORDS[self.scope]}"


_WORDS = {
    "installation": "requests a minute of all together",
    "person": "requests a minute",
    "project": "requests a minute to each project, by all its members",
    "pictures": "picture files a minute",
}


def limits(*, user: User, project_id: int | None = None) -> list[Allowed]:
    """Return the limits that are set for a request.

    A project's counts its members only: strangers, who are told that there is none, could use it
    up otherwise.
    """
    found = [
        Allowed("installation", 0, settings.REQUESTS_PER_MINUTE_IN_ALL),
        Allowed("person", user.pk, of_person(user)),
    ]
    most = settings.REQUESTS_PER_MINUTE_PER_PROJECT
    if most and project_id is not None and _is_member(user, project_id):
        found.append(Allowed("project", project_id, most))
    return [limit for limit in found if limit.most]


def picture_limits(*, user: User) -> list[Allowed]:
    """Return the limits that are set for picture files."""
    most = settings.PICTURE_FILES_PER_MINUTE
    return [Allowed("pictures", user.pk, most)] if most else []


def told(user: User) -> list[Allowed]:
    """Return every limit of requests that a person may come up against."""
    of_projects = settings.REQUESTS_PER_MINUTE_PER_PROJECT
    found = [*limits(user=user), Allowed("project", 0, of_projects), *picture_limits(user=user)]
    return [limit for limit in found if limit.most]


def of_person(user: User) -> int:
    """Return how many a person may send; 0: as many as they like."""
    own = user.max_requests_per_minute
    most: int = settings.REQUESTS_PER_MINUTE if own is None else own
    return most


def _is_member(user: User, project_id: int) -> bool:
    mine = Membership.objects.filter(user=user, project_id=project_id, project__erased_at=None)
    return mine.exists()
