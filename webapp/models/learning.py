"""Trained models and what they say of the pictures."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import Q

from webapp.models.concepts import Concept
from webapp.models.images import Image
from webapp.models.projects import Project


class TaughtConcept(TypedDict):
    """A concept as a version knew it."""

    id: int
    name: str
    threshold: float


def thresholds_in_use(
    concepts: Iterable[TaughtConcept], chosen: Mapping[str, float]
) -> list[float]:
    """Return the threshold that counts for each concept: the one people chose, or as fitted."""
    return [chosen.get(str(concept["id"]), concept["threshold"]) for concept in concepts]


class Version(models.Model):
    """An immutable trained model: parameters, the labels it saw, its evaluation.

    What people decide about it stands beside that and may change: stage, name, note, and the
    thresholds they chose in place of the fitted ones.
    """

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
    name = models.CharField(max_length=100, default="", blank=True)
    note = models.TextField(default="", blank=True)
    thresholds: "models.JSONField[dict[str, float], dict[str, float]]" = models.JSONField(
        default=dict, help_text="What people chose, by concept id; the rest is as fitted."
    )
    refinement: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(
        default=dict, help_text="Where the network was tuned: from which version, what it brought."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints = (
            models.UniqueConstraint(fields=["project", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["project"], name="one_live_version", condition=Q(stage="live")
            ),
            models.UniqueConstraint(
                fields=["project"], name="one_preview_version", condition=Q(stage="preview")
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number} of project {self.project_id}"


class VersionEvent(models.Model):
    """What somebody did to a version, and when. It outlives the version."""

    class Kind(models.TextChoices):
        MADE = "made"
        STAGE = "stage"
        THRESHOLD = "threshold"
        RENAMED = "renamed"
        DELETED = "deleted"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="version_events")
    number = models.PositiveIntegerField(help_text="The version's.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    details: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["project", "-id"], name="version_history"),)

    def __str__(self) -> str:
        return f"version {self.number}: {self.kind}"


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
    """Probability of a concept for an image under the project's draft or else its version.

    A training writes one for every picture, a million at a time: the database checks no references
    (`locks.hold_predictions` and `locks.hold_concepts` see to them) and keeps no index that the two
    below make needless. That took two thirds of the time.
    """

    image = models.ForeignKey(
        Image,
        on_delete=models.CASCADE,
        related_name="predictions",
        db_constraint=False,
        db_index=False,
    )
    concept = models.ForeignKey(
        Concept,
        on_delete=models.CASCADE,
        related_name="predictions",
        db_constraint=False,
        db_index=False,
    )
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
