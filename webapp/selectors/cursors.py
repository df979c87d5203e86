"""Cursors: where a listing goes on, opaque to who holds one."""

import base64
import binascii
import json

from webapp.errors import Invalid


def encode(value: float | None, row_id: int) -> str:
    """Return a cursor after the row with this sort value and id."""
    return base64.urlsafe_b64encode(json.dumps([value, row_id]).encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[float | None, int]:
    """Return the sort value and id that a cursor holds.

    Raises:
        Invalid: it is none of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, row_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if not isinstance(row_id, int) or not 0 <= row_id < 2**63:
            raise ValueError
        return (None if value is None else float(value)), row_id
    except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError) as error:
        raise Invalid("This cursor is not one that was given out.", code="bad_cursor") from error
