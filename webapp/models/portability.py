"""What was brought along and what was taken away."""

from typing import Any

from django.conf import settings
from django.db import models

from webapp.models.jobs import Job
from webapp.models.learning import Version
from webapp.models.projects import Project


class ImportQuerySet(models.QuerySet["Import"]):
    def waiting(self) -> "ImportQuerySet":
        """Return those whose file lies there and of which nothing is taken in yet."""
        untouched = models.Q(project=None) | models.Q(job__state=Job.State.QUEUED)
        return self.filter(untouched).exclude(job__state=Job.State.FAILED)


class Import(models.Model):
    """A data set that somebody sent: looked through, and taken in once they say so."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    project = models.ForeignKey(
        Project, null=True, on_delete=models.CASCADE, related_name="imports"
    )
    """Where it goes; none while it was only looked through."""
    filename = models.CharField(max_length=255)
    file = models.CharField(max_length=200, help_text="Storage name.")
    byte_size = models.PositiveBigIntegerField(db_default=0, help_text="Of the file.")
    format = models.CharField(
        max_length=30, default="", blank=True, help_text="The reader's name, once that is known."
    )
    report: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(
        default=dict, blank=True, help_text="What would happen; empty until it is looked through."
    )
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    """The last work on it: the look through it, or taking it in."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ImportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.filename} ({self.format})"


class Export(models.Model):
    """A version as an ONNX file, with the proof that it answers as Pupil does."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="export")
    file = models.CharField(max_length=200, help_text="Storage name.")
    byte_size = models.PositiveBigIntegerField()
    parity: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(
        help_text="How far it and Pupil differ on the project's own pictures."
    )
    thresholds: "models.JSONField[list[float], list[float]]" = models.JSONField(
        help_text="The ones it was written with."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"export of {self.version}"
