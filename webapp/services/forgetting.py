"""A person is erased; what others work with stays, without their name."""

from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, F, Func, Q, QuerySet, Value

from webapp.models import AuditEntry, Import, Invitation, Membership, Project, User
from webapp.rights import BY_ROLE
from webapp.services import audit, projects

_WITHOUT_NAME = Func(
    F("details"), Value("name"), arg_joiner=" - ", template="%(expressions)s", function=""
)


def projects_of_them_alone(user: User) -> QuerySet[Project]:
    """Return the projects that nobody else is a member of."""
    alone = Project.objects.annotate(member_count=Count("members")).filter(member_count=1)
    return alone.filter(
        pk__in=Membership.objects.filter(user=user).values("project"), erased_at=None
    )


@transaction.atomic
def forget(*, user: User) -> int:
    """Erase a person and return how many projects go with them."""
    alone = list(projects_of_them_alone(user))
    for project in alone:
        projects.erase(project=project, user=user)
    for membership in Membership.objects.filter(user=user).exclude(project__in=alone):
        _hand_over(membership)
    audit.note("person.forgotten", actor=None, projects=len(alone))
    _take_names_out(user, alone)
    Invitation.objects.open().filter(created_by=user).delete()
    _end_sessions(user)
    files = list(Import.objects.filter(user=user).values_list("file", flat=True))
    transaction.on_commit(lambda: _delete_files(files))
    user.delete()
    return len(alone)


def _take_names_out(user: User, alone: list[Project]) -> None:
    """Leave of what they did in the log that it was done, and not who they are.

    They named their tokens, and their projects with all in them; others' projects keep names.
    """
    own = Q(actor=user, project=None) | Q(project__in=alone)
    AuditEntry.objects.filter(own).update(details=_WITHOUT_NAME)
    AuditEntry.objects.filter(actor=user).update(actor_email="")


def _hand_over(membership: Membership) -> None:
    """Make somebody else the owner of a project that would have none."""
    others = Membership.objects.filter(project_id=membership.project_id).exclude(pk=membership.pk)
    if not others.exists() or others.filter(role=Membership.Role.OWNER).exists():
        return
    heir = max(others.order_by("id"), key=lambda other: len(BY_ROLE[other.role]))
    heir.role = Membership.Role.OWNER
    heir.save(update_fields=["role"])


def _delete_files(names: list[str]) -> None:
    """Remove the data sets that they sent: nothing else in the storage is known by person."""
    for name in names:
        default_storage.delete(name)


def _end_sessions(user: User) -> None:
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
