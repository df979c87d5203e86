"""Many rows at once, as arrays: PostgreSQL's binary COPY, with no Python per row.

Every column must have a fixed width and no null, so that a row is a record of a fixed size: each
field after its length in bytes, all of them big-endian.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    import numpy as np

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEADER = _SIGNATURE + bytes(8)  # no flags, no extension
_TRAILER = b"\xff\xff"


def read(
    query: str, parameters: Sequence[object], columns: Sequence[tuple[Any, ...]]
) -> np.ndarray:
    """Return a query's rows.

    Args:
        query: of as many columns as are named.
        parameters: for its placeholders.
        columns: as numpy describes fields: name, big-endian type and, where it has one, shape.
    """
    import numpy as np

    received = io.BytesIO()
    with connection.cursor() as cursor:
        filled = cursor.mogrify(query, list(parameters)).decode()
        cursor.copy_expert(f"COPY ({filled}) TO STDOUT (FORMAT BINARY)", received)
    record = _record(columns)
    size = received.getbuffer().nbytes - len(_HEADER) - len(_TRAILER)
    return np.frombuffer(
        received.getbuffer(), record, count=size // record.itemsize, offset=len(_HEADER)
    )


def write(table: str, columns: Sequence[tuple[Any, ...]], values: Sequence[np.ndarray]) -> None:
    """Add rows to a table.

    Args:
        table: its name.
        columns: as numpy describes fields, named as the table's are.
        values: (N, …) per column.
    """
    import numpy as np

    rows = np.zeros(len(values[0]), _record(columns))
    rows["fields"] = len(columns)
    for (name, *kind), its in zip(columns, values, strict=True):
        rows[name] = its
        rows[f"bytes of {name}"] = np.dtype([(name, *kind)]).itemsize
    names = ", ".join(name for name, *_ in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)",
            io.BytesIO(b"".join([_HEADER, rows.tobytes(), _TRAILER])),
        )


def _record(columns: Sequence[tuple[Any, ...]]) -> np.dtype[Any]:
    import numpy as np

    fields: list[Any] = [("fields", ">i2")]
    for column in columns:
        fields += [(f"bytes of {column[0]}", ">i4"), column]
    return np.dtype(fields)
