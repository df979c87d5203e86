"""Who is allowed more, or less, than the settings say."""

from django.conf import settings
from django.db import models


class Limited(models.Model):
    """Empty: as the settings say. 0: as much as they like."""

    max_pictures = models.PositiveBigIntegerField(null=True, blank=True)
    max_bytes = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def max_gigabytes(self) -> float | None:
        return None if self.max_bytes is None else self.max_bytes / 2**30


class Usage(models.Model):
    """Pictures that came, or went where the numbers are negative; the sum is what is kept.

    Triggers on the pictures' table write it, so nobody counts pictures, and nobody who brings some
    waits for others who do: there is no row that all change. A sweep adds up what is old.
    """

    # Rows outlive what they tell of, until they are added up.
    project = models.ForeignKey(
        "Project",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    pictures = models.BigIntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=["project"], name="usage_of_project"),
            models.Index(fields=["person"], name="usage_of_person"),
        )

    def __str__(self) -> str:
        return f"{self.pictures} pictures of {self.person_id} in {self.project_id}"
