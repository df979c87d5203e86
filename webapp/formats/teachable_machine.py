"""Teachable Machine: a project saved as a file (`.tm`), which is a zip of samples and a manifest.

Its makers describe the file only as "a zip, with the labels in JSON" (issue 38 of
googlecreativelab/teachablemachine-community), so this reads what such a manifest can say: classes
with names and the files of their samples, and where it names no files, a folder per class.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from webapp.formats.errors import FormatError
from webapp.formats.protocol import Item, Problem, Said
from webapp.formats.source import Source

_CLASSES = ("classes", "labels", "categories")
_NAMES = ("name", "label", "className", "title")
_SAMPLES = ("samples", "images", "examples", "files")
_FILES = ("path", "file", "filename", "fileName", "name", "id", "src")
_FOLDER_END = re.compile(r"[-_ ]samples$", re.IGNORECASE)
_OTHERS = {"audio": "sounds", "pose": "poses"}


class TeachableMachine:
    name, title = "teachable_machine", "Teachable Machine"

    def recognises(self, source: Source) -> bool:
        manifest = _manifest(source)
        return manifest is not None and _classes(manifest) is not None

    def items(self, source: Source) -> Iterator[Item | Problem]:
        manifest = _manifest(source) or {}
        kind = str(manifest.get("type", "image")).lower()
        for other, plural in _OTHERS.items():
            if other in kind:
                raise FormatError("wrong_kind", f"This is a project of {plural}, not of pictures.")
        said = Said(source)
        classes = _classes(manifest) or []
        for number, one in enumerate(classes, 1):
            _read(number, one, source, said)
        return said.items()


def _manifest(source: Source) -> dict[str, Any] | None:
    for path, document in source.documents():
        if PurePosixPath(path).name == "manifest.json" and isinstance(document, dict):
            return document
    return None


def _classes(manifest: dict[str, Any]) -> list[Any] | None:
    inner = [value for value in manifest.values() if isinstance(value, dict)]
    for holder in (manifest, *inner):
        for key in _CLASSES:
            if isinstance(holder.get(key), list):
                found: list[Any] = holder[key]
                return found
    return None


def _read(number: int, one: Any, source: Source, said: Said) -> None:
    name = one if isinstance(one, str) else _first(one, _NAMES)
    if not name or not name.strip():
        said.wrong(f"class {number}", "bad_entry", "This class has no name.")
        return
    files = list(_files(one)) or _in_folder(name, source)
    if not files:
        said.wrong(name, "no_pictures", "There is no picture of this class.")
    for file in files:
        labels = said.of(file)
        if labels is not None:
            labels[name.strip()] = True


def _files(one: Any) -> Iterator[str]:
    lists = [one[key] for key in _SAMPLES if isinstance(one, dict) and key in one]
    for sample in (sample for found in lists if isinstance(found, list) for sample in found):
        file = sample if isinstance(sample, str) else _first(sample, _FILES)
        if file:
            yield file


def _in_folder(name: str, source: Source) -> list[str]:
    wanted = _folder_key(name)
    return [
        path for path in source.pictures if _folder_key(PurePosixPath(path).parent.name) == wanted
    ]


def _folder_key(name: str) -> str:
    """File systems and zips spell a class's name with other spaces."""
    return re.sub(r"[-_ ]+", " ", _FOLDER_END.sub("", name.strip())).casefold()


def _first(row: Any, keys: tuple[str, ...]) -> str | None:
    values = [row.get(key) for key in keys] if isinstance(row, dict) else []
    return next((value for value in values if isinstance(value, str) and value), None)
