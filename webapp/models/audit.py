"""Who did what to people's access and to whole projects."""

from typing import Any

from django.conf import settings
from django.db import models

from webapp.models.projects import Project


class AuditEntry(models.Model):
    """One deed. Entries are only ever added; who is forgotten loses their name in them."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_email = models.CharField(max_length=254, blank=True, help_text="As it was then.")
    project = models.ForeignKey(Project, null=True, on_delete=models.SET_NULL, related_name="audit")
    action = models.CharField(max_length=40, help_text="Noun and verb: token.made, member.invited.")
    details: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["project", "-id"], name="audit_of_project"),)

    def __str__(self) -> str:
        return f"{self.actor_email} {self.action}"
