"""Periods as people type them: 2024, 2024-06, 2024-06-21, from..to, >2023."""

import re
from datetime import UTC, datetime, timedelta

from webapp.selectors.searching.terms import Field

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")

Period = tuple[datetime | None, datetime | None]


def period(term: Field) -> Period:
    """Return the first moment and the first one after it; None where it is open.

    Raises:
        BadQuery: the term holds no date.
    """
    value = term.value
    if ".." in value:
        first, last = value.split("..", 1)
        start = _span(term, first)[0] if first else None
        end = _span(term, last)[1] if last else None
        return start, end
    for sign in (">=", "<=", ">", "<"):
        if value.startswith(sign):
            start, end = _span(term, value.removeprefix(sign))
            return {">=": (start, None), ">": (end, None), "<=": (None, end), "<": (None, start)}[
                sign
            ]
    return _span(term, value)


def _span(term: Field, text: str) -> tuple[datetime, datetime]:
    match = _DATE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        start = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        if day:
            return start, start + timedelta(days=1)
        if month:
            return start, (start + timedelta(days=32)).replace(day=1)
        return start, start.replace(year=start.year + 1)
    except (ValueError, OverflowError) as error:
        raise term.wrong(
            f"“{text}” is no date. Write {term.key}:2024, {term.key}:2024-06, "
            f"{term.key}:2024-06-21 or {term.key}:2024-06..2024-08."
        ) from error
