"""Wanted work and how far it is. The row is the truth; a Celery message only wakes a worker."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.projects import Project


class Job(models.Model):
    class Kind(models.TextChoices):
        INDEX = "index"
        TEACH = "teach"
        DRAFT = "draft"
        REFINE = "refine"
        EXPORT = "export"
        INSPECT = "inspect"
        IMPORT = "import"
        GROUP = "group"
        CARE = "care"
        VIEW = "view"
        TEXT_IMAGE = "text_image"
        ERASE = "erase"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    GOING_ON: ClassVar[tuple[State, ...]] = (State.QUEUED, State.RUNNING)

    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="jobs")
    """None for the look through what belongs to no project yet, and for nothing else."""
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject_id = models.BigIntegerField(
        help_text="The image to index, the version to refine, or the project."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    is_background = models.BooleanField(
        default=False, help_text="Nobody waits for it: what people do now goes first."
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=1, help_text="Steps, of which `done` are done.")
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, help_text="Known to the one worker that may finish it.")
    claimed_in = models.UUIDField(null=True, help_text="The life of the process that claimed it.")
    started_at = models.DateTimeField(null=True)
    available_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=50, default="", blank=True)
    error_message = models.TextField(default="", blank=True)
    result: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                name="queued_once_per_subject",
                # One that was claimed before and given back is another matter: it keeps its claim.
                condition=Q(state="queued", claim=None),
            ),
        )
        indexes = (
            models.Index(
                fields=["kind", "attempts", "is_background", "id"],
                name="job_queue",
                condition=Q(state="queued"),
            ),
            models.Index(fields=["heartbeat_at"], name="job_running", condition=Q(state="running")),
            models.Index(fields=["project", "kind", "state"], name="job_of_project"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}: {self.state}"

    @property
    def project_pk(self) -> int:
        """The project that is worked on."""
        if self.project_id is None:
            raise ValueError(f"{self} belongs to no project")
        return self.project_id
