"""What a text-image model says of texts that people looked for."""

from django.db import models
from pgvector.django import HalfVectorField

from webapp.models.images import EMBEDDING_DIMENSIONS


class TextDirection(models.Model):
    """Where pictures lie that show what a text says, under the model of a fingerprint."""

    fingerprint = models.CharField(max_length=64)
    text = models.CharField(max_length=300)
    vector = HalfVectorField(dimensions=EMBEDDING_DIMENSIONS)
    strength = models.FloatField(help_text="What makes log-odds of a cosine.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["fingerprint", "text"], name="one_direction_per_text"),
        )

    def __str__(self) -> str:
        return f"“{self.text}” under {self.fingerprint}"
