"""What a person wants recognised, and what they said of which picture."""

from typing import Literal

from django.conf import settings
from django.db import models

from webapp.models.images import Image
from webapp.models.projects import Project


class Concept(models.Model):
    """A thing to recognise, named by the user.

    Attributes:
        name_key: its name as `webapp.text.name_key` folds it: one rule for "the same name".
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="concepts")
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=300)  # folding can make it longer: ß becomes ss
    colour = models.CharField(max_length=7)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project", "name_key"], name="concept_once_per_project"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """What a person says of one image and one concept."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="labels")
    concept = models.ForeignKey(Concept, on_delete=models.CASCADE, related_name="labels")
    is_positive = models.BooleanField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["image", "concept"], name="one_label_per_concept"),
        )
        indexes = (models.Index(fields=["concept", "is_positive", "image"], name="label_lookup"),)

    def __str__(self) -> str:
        return f"{self.image_id} is {'' if self.is_positive else 'not '}{self.concept_id}"

    @property
    def value(self) -> Literal["positive", "negative"]:
        return "positive" if self.is_positive else "negative"
