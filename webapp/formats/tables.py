"""Tables: CSV with a picture per row, and what it shows.

Understood are: a column with names of concepts (several between `;` or `|`, or in several rows);
a column per concept with 0 and 1; and, without a header, a picture and then names, as Google's
Vertex AI has it.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from webapp.formats.protocol import Item, Problem, Said, names_in
from webapp.formats.source import Source

_PICTURE = {
    "file", "filename", "file_name", "filepath", "file_path", "id", "image", "image_id",
    "image_path", "imagename", "image_name", "img", "name", "path", "photo", "picture", "uri",
    "url",
}  # fmt: skip
_CONCEPT = {
    "category", "categories", "choice", "class", "classes", "concept", "concepts", "label",
    "labels", "tag", "tags", "target", "class_name", "label_name",
}  # fmt: skip
_USES = {"train", "training", "valid", "validate", "validation", "val", "test", "unassigned"}
_YES, _NO, _UNSAID = {"1", "1.0", "true", "yes"}, {"0", "0.0", "false", "no"}, {"", "-1", "-1.0"}
_DELIMITERS = ",;\t|"
_MAX_CELL = 131_072


class Tables:
    name, title = "csv", "CSV"

    def recognises(self, source: Source) -> bool:
        return any(_Table.of(path, source) for path in source.paths(".csv", ".tsv"))

    def items(self, source: Source) -> Iterator[Item | Problem]:
        said = Said(source)
        for path in source.paths(".csv", ".tsv"):
            if table := _Table.of(path, source):
                table.read(said)
        return said.items()


class _Table:
    """A table whose columns are understood."""

    def __init__(self, path: str, rows: list[list[str]], picture: int, concepts: list[int]) -> None:
        self._path, self._rows = path, rows
        self._picture, self._concepts = picture, concepts
        self._header: list[str] = []

    @classmethod
    def of(cls, path: str, source: Source) -> "_Table | None":
        """Return the table in a file, or nothing where it is about something else."""
        rows = _rows(source.data(path))
        if not rows:
            return None
        header = [cell.strip() for cell in rows[0]]
        lower = [cell.lower() for cell in header]
        picture = next((i for i, cell in enumerate(lower) if cell in _PICTURE), None)
        if picture is None:
            return cls._without_header(path, rows, source)
        named = [i for i, cell in enumerate(lower) if cell in _CONCEPT and i != picture]
        table = cls(path, rows[1:], picture, named or _flags(rows, picture))
        table._header = [] if named else header
        return table if table._concepts else None

    @classmethod
    def _without_header(cls, path: str, rows: list[list[str]], source: Source) -> "_Table | None":
        cells = rows[0]
        picture = next((i for i, cell in enumerate(cells) if source.find(cell.strip())), None)
        if picture is None:
            return None
        width = max(map(len, rows))
        return cls(path, rows, picture, list(range(picture + 1, width)))

    def read(self, said: Said) -> None:
        first = 2 if self._header else 1
        for number, row in enumerate(self._rows, first):
            reference = row[self._picture].strip() if len(row) > self._picture else ""
            if not reference:
                said.wrong(f"{self._path}, row {number}", "bad_entry", "This row names no picture.")
                continue
            labels = said.of(reference)
            if labels is not None:
                labels.update(self._labels(row))

    def _labels(self, row: Sequence[str]) -> dict[str, bool]:
        cells = {i: row[i].strip() for i in self._concepts if i < len(row)}
        if self._header:
            said = {self._header[i]: cell.lower() for i, cell in cells.items()}
            return {name: cell in _YES for name, cell in said.items() if cell in _YES | _NO}
        names = [name for cell in cells.values() for name in _names(cell)]
        return {name: True for name in names if name.lower() not in _USES and not _is_number(name)}


def _rows(data: bytes) -> list[list[str]]:
    text = _text(data)
    first_line = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    csv.field_size_limit(_MAX_CELL)
    try:
        found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row for row in found if any(cell.strip() for cell in row)]
    except csv.Error:
        return []


def _text(data: bytes) -> str:
    for encoding in ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")


def _flags(rows: list[list[str]], picture: int) -> list[int]:
    """Return the columns, of concepts each, that hold nothing but yes and no."""
    found = []
    for index in range(len(rows[0])):
        cells = {row[index].strip().lower() for row in rows[1:] if index < len(row)}
        if index != picture and rows[0][index].strip() and cells & (_YES | _NO):
            found += [index] if cells <= _YES | _NO | _UNSAID else []
    return found


def _names(cell: str) -> list[str]:
    if cell.startswith(("{", "[")):  # Label Studio's CSV keeps lists as JSON
        try:
            value: Any = json.loads(cell)
        except ValueError:
            return [cell]
        return names_in(value.get("choices") if isinstance(value, dict) else value)
    return [name.strip() for name in cell.replace("|", ";").split(";") if name.strip()]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
