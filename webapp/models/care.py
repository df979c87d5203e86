"""What in the examples hurts a project's models."""

from django.db import models

from webapp.models.concepts import Concept
from webapp.models.images import Image
from webapp.models.projects import Project


class Finding(models.Model):
    """Something about an example that a person should look at."""

    class Kind(models.TextChoices):
        WRONG_LABEL = "wrong_label"
        CONFLICT = "conflict"
        OUTLIER = "outlier"
        INSEPARABLE = "inseparable"
        DARK = "dark"
        BLURRED = "blurred"
        TINY = "tiny"
        EMPTY = "empty"

    class State(models.TextChoices):
        OPEN = "open"
        MENDED = "mended"
        DISMISSED = "dismissed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    image = models.ForeignKey(Image, null=True, on_delete=models.CASCADE, related_name="findings")
    other = models.ForeignKey(Image, null=True, on_delete=models.CASCADE, related_name="+")
    concept = models.ForeignKey(Concept, null=True, on_delete=models.CASCADE, related_name="+")
    suggested = models.ForeignKey(Concept, null=True, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField(help_text="How sure it is, or how much; by kind.")
    gain = models.FloatField(
        null=True, help_text="By how much mending raised the accuracy on the other examples."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["project", "state"], name="finding_of_project"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.image_id}"
