"""Projects and who belongs to them."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from webapp.models.limits import Limited

if TYPE_CHECKING:
    from webapp.models.learning import Version


class Project(Limited):
    """One vocabulary and one pile of pictures, with members."""

    name = models.CharField(max_length=200)
    exclusive = models.BooleanField(
        default=False, help_text="Exactly one concept is true of each picture."
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="projects"
    )
    version: "models.ForeignKey[Version | None]" = models.ForeignKey(
        "Version", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    """The version whose predictions the pages show: the newest."""
    labels_revision = models.PositiveBigIntegerField(
        default=0, help_text="Grows with every change of labels."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(
        null=True, help_text="Gone for people; a job removes the rest."
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's part in a project."""

    class Role(models.TextChoices):
        OWNER = "owner"
        EDITOR = "editor"
        LABELLER = "labeller"
        VIEWER = "viewer"

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.OWNER)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "user"], name="one_membership_each"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.project_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Return those that still let somebody in."""
        return self.filter(accepted_at=None, expires_at__gt=Now())


class Invitation(models.Model):
    """A link that makes whoever follows it a member, once. Only the hash of its key is kept."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Membership.Role.choices)
    key_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"to be {self.role} of {self.project_id}"
