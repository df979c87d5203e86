"""What pictures are found by in words, kept where PostgreSQL's full-text search looks."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func, TextField, Value

from webapp.text import words


def document(*, filename: str, note: str = "", taken_at: datetime | None = None) -> Func:
    """Return the words of a picture as a value for its column.

    They are folded here and not by the database: so accents and case don't matter, with or
    without its extensions, and a typed word is folded by the same rule.
    """
    date = f" {taken_at:%Y %B %Y-%m-%d}" if taken_at else ""
    found = words(f"{filename} {note}{date}")
    return Func(
        Value(found, output_field=ArrayField(TextField())),
        function="array_to_tsvector",
        template="%(function)s(%(expressions)s::text[])",
        output_field=SearchVectorField(),
    )
