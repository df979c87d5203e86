"""What a person wants recognised, and what people said of which picture."""

from typing import Literal

from django.conf import settings
from django.db import models
from django.db.models import Q

from webapp.models.images import Image
from webapp.models.projects import Project

MAX_PERSON_CHARACTERS = 30


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


class _Said(models.Model):
    """A yes or no."""

    is_positive = models.BooleanField()

    class Meta:
        abstract = True

    @property
    def value(self) -> Literal["positive", "negative"]:
        return "positive" if self.is_positive else "negative"


class Label(_Said):
    """What counts of one image and one concept: what a person said last."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="labels")
    concept = models.ForeignKey(Concept, on_delete=models.CASCADE, related_name="labels")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField(auto_now=True)
    is_settled = models.BooleanField(
        default=False, db_default=False, help_text="An owner decided it against other opinions."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["image", "concept"], name="one_label_per_concept"),
        )
        indexes = (models.Index(fields=["concept", "is_positive", "image"], name="label_lookup"),)

    def __str__(self) -> str:
        return f"{self.image_id} is {'' if self.is_positive else 'not '}{self.concept_id}"


class Opinion(_Said):
    """What one person said last of one image and one concept, whatever counts by now.

    Whose accounts are of another installation is called by a number.
    """

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="opinions")
    concept = models.ForeignKey(Concept, on_delete=models.CASCADE, related_name="opinions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    person = models.CharField(
        max_length=MAX_PERSON_CHARACTERS,
        default="",
        db_default="",
        blank=True,
        help_text="Tells those apart who have no account here: it came along with its project.",
    )
    said_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["image", "concept", "user"], name="one_opinion_per_person"
            ),
            models.UniqueConstraint(
                fields=["image", "concept", "person"],
                condition=Q(user=None),
                name="one_opinion_per_person_elsewhere",
            ),
        )

    def __str__(self) -> str:
        said = "is" if self.is_positive else "is not"
        return f"{self.by}: {self.image_id} {said} {self.concept_id}"

    @property
    def by(self) -> str:
        """Whose it is, as people are called on the pages."""
        return self.user.email if self.user else self.person
