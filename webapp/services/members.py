"""Members of a project: invited by a link, given another part, let go."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from webapp import events
from webapp.errors import Conflict, Invalid, NotFound
from webapp.models import Invitation, Membership, Project, User
from webapp.services import audit, keys

INVITATION_DAYS = 7
MAX_OPEN_INVITATIONS = 100


@transaction.atomic
def invite(*, project: Project, user: User, role: str) -> tuple[Invitation, str]:
    """Make an invitation and return it with its key, which is not kept.

    Raises:
        Invalid: there is no such part.
        Conflict: too many are open.
    """
    if Invitation.objects.open().filter(project=project).count() >= MAX_OPEN_INVITATIONS:
        raise Conflict("Too many invitations are open. Withdraw some.", code="too_many_invitations")
    key = keys.new()
    invitation = Invitation.objects.create(
        project=project,
        role=_role(role),
        key_hash=keys.hashed(key),
        created_by=user,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )
    audit.note("member.invited", actor=user, project=project, role=role)
    return invitation, key


def invitation_of_key(key: str) -> Invitation:
    """Return what a link invites to.

    Raises:
        NotFound: it was used, withdrawn, is too old, or was never one.
    """
    invitations = Invitation.objects.open().select_related("project", "created_by")
    found = invitations.filter(key_hash=keys.hashed(key), project__erased_at=None).first()
    if found is None:
        raise NotFound(
            "This invitation was used, withdrawn, or is too old.", code="invitation_expired"
        )
    return found


@transaction.atomic
def accept(*, key: str, user: User) -> Project:
    """Make a person a member; who is one already keeps their part and leaves the link open.

    Raises:
        NotFound: the link is no good any more.
    """
    invitation = invitation_of_key(key)
    project = invitation.project
    if Membership.objects.filter(project=project, user=user).exists():
        return project
    # Of two who follow one link at the same time one gets in.
    if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=Now()):
        raise NotFound("This invitation was used already.", code="invitation_expired")
    Membership.objects.get_or_create(project=project, user=user, defaults={"role": invitation.role})
    audit.note("member.joined", actor=user, project=project, role=invitation.role)
    events.publish_on_commit(project.pk, "project")
    return project


@transaction.atomic
def withdraw(*, project: Project, user: User, invitation_id: int) -> None:
    """Close an invitation.

    Raises:
        NotFound: there is none that is open.
    """
    deleted, _ = Invitation.objects.open().filter(project=project, pk=invitation_id).delete()
    if not deleted:
        raise NotFound("There is no such invitation.", code="invitation_not_found")
    audit.note("invitation.withdrawn", actor=user, project=project)


@transaction.atomic
def change_role(*, project: Project, user: User, member_id: int, role: str) -> Membership:
    """Give a member another part.

    Raises:
        NotFound: they are no member.
        Conflict: they are the last owner.
    """
    member = _held(project, member_id)
    member.role = _role(role)
    if member.role != Membership.Role.OWNER:
        _check_other_owner(project, member)
        _withdraw_all_of(member)
    member.save(update_fields=["role"])
    audit.note("member.changed", actor=user, project=project, who=member.user_id, role=role)
    return member


@transaction.atomic
def remove(*, project: Project, user: User, member_id: int) -> None:
    """Let a member go. What they marked stays.

    Raises:
        NotFound: they are no member.
        Conflict: they are the last owner.
    """
    member = _held(project, member_id)
    _check_other_owner(project, member)
    _withdraw_all_of(member)
    member.delete()
    audit.note("member.removed", actor=user, project=project, who=member.user_id)
    events.publish_on_commit(project.pk, "members")


def _held(project: Project, member_id: int) -> Membership:
    # The project's row is held, so that two owners can't demote each other at the same time.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    member = Membership.objects.filter(project=project, pk=member_id).first()
    if member is None:
        raise NotFound("There is no such member.", code="member_not_found")
    return member


def _check_other_owner(project: Project, member: Membership) -> None:
    owners = Membership.objects.filter(project=project, role=Membership.Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise Conflict("A project keeps at least one owner.", code="last_owner")


def _withdraw_all_of(member: Membership) -> None:
    """Close the links that somebody made who may do so no more: they still have them."""
    open_ones = Invitation.objects.open().filter(project=member.project_id)
    open_ones.filter(created_by=member.user_id).delete()


def _role(role: str) -> str:
    if role not in Membership.Role.values:
        raise Invalid(f"There is no part called {role}.", code="bad_role")
    return role
