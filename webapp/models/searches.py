"""Searches that people keep."""

from django.conf import settings
from django.db import models

from webapp.models.projects import Project


class SavedSearch(models.Model):
    """A query of the search box under a name."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=1000)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "name"], name="search_name_once"),
        )

    def __str__(self) -> str:
        return self.name
