"""Pictures and their embeddings."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Cast
from pgvector.django import BitField, HalfVectorField

from webapp.models.projects import Project

if TYPE_CHECKING:
    from webapp.models.concepts import Label
    from webapp.models.learning import Prediction

EMBEDDING_DIMENSIONS = 1920
"""Width of the vector column. Shorter embeddings are padded with zeros: no cosine changes."""


def signs(vector: Func | str) -> Cast:
    """Return the sign of each number of a vector: 240 bytes that tell what is roughly alike."""
    bits = BitField(length=EMBEDDING_DIMENSIONS)
    return Cast(Func(vector, function="binary_quantize", output_field=bits), bits)


class Image(models.Model):
    """An uploaded picture, stored once per project by the SHA-256 of its bytes."""

    class Status(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="images", db_index=False
    )
    sha256 = models.CharField(max_length=64)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=50)
    byte_size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    original = models.CharField(max_length=200, help_text="Storage name of the uploaded bytes.")
    display = models.CharField(
        max_length=200,
        default="",
        blank=True,
        help_text="Storage name of what browsers can show, where they can't show the original.",
    )
    thumbnail = models.CharField(max_length=200, default="", blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    error_code = models.CharField(max_length=50, default="", blank=True)
    error_message = models.TextField(default="", blank=True)
    is_test = models.BooleanField(
        default=False, help_text="Kept for testing: its labels judge versions and teach none."
    )
    note = models.TextField(default="", blank=True)
    taken_at = models.DateTimeField(null=True, help_text="By the camera's clock, taken for UTC.")
    words = SearchVectorField(
        null=True, help_text="Of name, note and date, folded as `webapp.text.words` does."
    )
    is_described = models.BooleanField(
        default=False, help_text="Tags, hash and quality are there as they are worked out today."
    )
    hash = models.BigIntegerField(
        null=True, help_text="Pictures that look alike differ in few bits."
    )
    brightness = models.FloatField(null=True)
    contrast = models.FloatField(null=True)
    sharpness = models.FloatField(null=True)
    group = models.BigIntegerField(
        null=True,
        help_text="Id of the first of its near-duplicates, its own where it has none; null until "
        "they were looked for.",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # What a gallery that fetches many pictures adds to each, in the order shown.
    shown_labels: "list[Label]"
    shown_predictions: "list[Prediction]"

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "sha256"], name="image_once_per_project"),
        )
        indexes = (
            models.Index(fields=["project", "id"], name="image_order"),
            models.Index(
                fields=["project", "id"],
                name="image_not_ready",
                condition=~Q(status="ready"),
            ),
            models.Index(fields=["project", "group"], name="image_group"),
            models.Index(
                fields=["id"],
                name="image_not_described",
                condition=Q(status="ready", is_described=False),
            ),
            models.Index(fields=["project", "taken_at"], name="image_taken"),
            GinIndex(fields=["words"], name="image_words"),
        )

    def __str__(self) -> str:
        return self.filename


class Embedding(models.Model):
    """The unit vector of an image under one backbone, known by its fingerprint."""

    # Each has an index below that begins with it; so it is with the tags.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    image = models.ForeignKey(
        Image, on_delete=models.CASCADE, related_name="embeddings", db_index=False
    )
    fingerprint = models.CharField(max_length=64)
    vector = HalfVectorField(dimensions=EMBEDDING_DIMENSIONS)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["image", "fingerprint"], name="one_embedding_per_backbone"
            ),
        )
        # Each large project has one of its signs, too; see `webapp.selectors.sign_indexes`.
        indexes = (
            # With the image, so that asking whose vectors there are reads none of them.
            models.Index(fields=["project", "fingerprint", "image"], name="embedding_lookup"),
        )

    def __str__(self) -> str:
        return f"{self.image_id} under {self.fingerprint}"


class Views(models.Model):
    """Unit vectors of an image's closer views under one backbone; see `training.views`."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="views")
    fingerprint = models.CharField(max_length=64)
    vectors = models.BinaryField(help_text="(V, D) little-endian float16, row by row.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["image", "fingerprint"], name="one_set_of_views_per_backbone"
            ),
        )

    def __str__(self) -> str:
        return f"views of {self.image_id} under {self.fingerprint}"


class ImageTag(models.Model):
    """What the general model says of an image: a tag of `training.tags` and how likely it is."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="tags", db_index=False)
    tag = models.PositiveIntegerField(help_text="WordNet's number of the meaning.")
    probability = models.FloatField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["image", "tag"], name="one_of_each_tag"),)
        indexes = (models.Index(fields=["project", "tag", "image"], name="tag_lookup"),)

    def __str__(self) -> str:
        return f"{self.image_id} shows {self.tag}: {self.probability:.2f}"
