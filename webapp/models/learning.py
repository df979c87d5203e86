"""Trained models and what they say of the pictures."""

from typing import Any, ClassVar, TypedDict

from django.conf import settings
from django.db import models

from webapp.models.concepts import Concept
from webapp.models.images import Image
from webapp.models.projects import Project


class TaughtConcept(TypedDict):
    """A concept as a version knew it."""

    id: int
    name: str
    threshold: float


class Version(models.Model):
    """An immutable trained model: parameters, the labels it saw, its evaluation."""

    class Stage(models.TextChoices):
        DRAFT = "draft"
        PREVIEW = "preview"
        LIVE = "live"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    fingerprint = models.CharField(max_length=64, help_text="The backbone it was fitted on.")
    artifact = models.CharField(max_length=200, help_text="Storage name of parameters and labels.")
    concepts: "models.JSONField[list[TaughtConcept], list[TaughtConcept]]" = models.JSONField(
        help_text="In the order of the head's outputs."
    )
    evaluation: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    labels_revision = models.PositiveBigIntegerField(help_text="The project's, when read.")
    seconds = models.FloatField(help_text="From the labels read to the last probability known.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints = (
            models.UniqueConstraint(fields=["project", "number"], name="version_number_once"),
        )

    def __str__(self) -> str:
        return f"version {self.number} of project {self.project_id}"


class Draft(models.Model):
    """What the labels set since the version say already; replaced after each change."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="draft")
    fingerprint = models.CharField(max_length=64)
    head = models.BinaryField(help_text="The artifact, small and short-lived enough for a row.")
    concepts: "models.JSONField[list[TaughtConcept], list[TaughtConcept]]" = models.JSONField()
    evaluation: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    labels_revision = models.PositiveBigIntegerField()
    seconds = models.FloatField()
    created_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft of project {self.project_id}"


class Prediction(models.Model):
    """Probability of a concept for an image under the project's draft or else its version."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="predictions")
    concept = models.ForeignKey(Concept, on_delete=models.CASCADE, related_name="predictions")
    probability = models.FloatField()
    is_present = models.BooleanField(help_text="Over the concept's threshold.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["image", "concept"], name="one_prediction_per_concept"),
        )
        indexes = (
            models.Index(fields=["concept", "probability", "image"], name="prediction_order"),
        )

    def __str__(self) -> str:
        return f"{self.image_id} is {self.concept_id}: {self.probability:.2f}"
