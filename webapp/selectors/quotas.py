"""How many pictures there are, and how many there may be: in all, of a person, of a project."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Sum

from webapp.models import Import, Project, Usage, User
from webapp.text import as_bytes


@dataclass(frozen=True)
class Limit:
    """What may be kept; 0 is no limit."""

    scope: str
    """Whose it is: the installation's, a person's, a project's."""
    owner_id: int
    pictures: int
    bytes: int


@dataclass(frozen=True)
class Quota:
    """What is kept of what may be."""

    scope: str
    pictures: int
    max_pictures: int
    bytes: int
    max_bytes: int

    @property
    def words(self) -> str:
        """Say it in plain words."""
        parts = []
        if self.max_pictures:
            parts.append(f"{self.pictures:,} of {self.max_pictures:,} photos")
        if self.max_bytes:
            parts.append(f"{as_bytes(self.bytes)} of {as_bytes(self.max_bytes)}")
        return ", ".join(parts)


def limits(*, user: User | None, project: Project | None = None) -> list[Limit]:
    """Return every limit that is set, the widest first."""
    owners: list[tuple[str, int, int | None, int | None]] = [("installation", 0, None, None)]
    if user is not None:
        owners.append(("person", user.pk, user.max_pictures, user.max_bytes))
    if project is not None:
        owners.append(("project", project.pk, project.max_pictures, project.max_bytes))
    found = [
        Limit(
            scope,
            owner_id,
            settings.MAX_PICTURES[scope] if pictures is None else pictures,
            settings.MAX_BYTES[scope] if size is None else size,
        )
        for scope, owner_id, pictures, size in owners
    ]
    return [limit for limit in found if limit.pictures or limit.bytes]


def quota(limit: Limit) -> Quota:
    """Return what is kept under a limit, without what is being erased.

    Data sets that wait to be taken in are bytes too, of whoever sent them and of no project yet.
    """
    of = {
        "installation": Q(),
        "person": Q(person=limit.owner_id),
        "project": Q(project=limit.owner_id),
    }[limit.scope]
    is_kept = Exists(Project.objects.filter(pk=OuterRef("project"), erased_at=None))
    kept = Usage.objects.filter(of, is_kept).aggregate(
        pictures=Sum("pictures", default=0), bytes=Sum("bytes", default=0)
    )
    size = int(kept["bytes"])
    if limit.bytes and limit.scope != "project":
        size += _bytes_waiting(Q(user=limit.owner_id) if limit.scope == "person" else Q())
    return Quota(limit.scope, int(kept["pictures"]), limit.pictures, size, limit.bytes)


def _bytes_waiting(of: Q) -> int:
    waiting = Import.objects.filter(of).waiting()
    return int(waiting.aggregate(bytes=Sum("byte_size", default=0))["bytes"])


def quotas(*, user: User | None, project: Project | None = None) -> list[Quota]:
    """Return what is kept under every limit that is set; where none is, nothing is counted."""
    return [quota(limit) for limit in limits(user=user, project=project)]


def narrowest(found: list[Quota]) -> Quota | None:
    """Return the one with the least room left, by share."""

    def share(one: Quota) -> float:
        return max(
            one.pictures / one.max_pictures if one.max_pictures else 0.0,
            one.bytes / one.max_bytes if one.max_bytes else 0.0,
        )

    return max(found, key=share, default=None)
