"""The file in an archive that says what is in it."""

from __future__ import annotations

from typing import Any

from webapp.errors import Invalid
from webapp.formats import FormatError, Source
from webapp.text import clean

FORMAT = "pupil"
KIND, FORMAT_VERSION = "pupil-project", 1
MANIFEST = "manifest.json"


def is_archive(source: Source) -> bool:
    return MANIFEST in source and _kind(source) == KIND


def read(source: Source) -> dict[str, Any]:
    """Return the manifest.

    Raises:
        Invalid: it is of a Pupil to come, or damaged.
    """
    manifest = _parsed(source)
    if manifest.get("version") != FORMAT_VERSION:
        raise Invalid(
            "This project was taken away from a newer Pupil. Update this one first.",
            code="newer_archive",
        )
    parts = (manifest.get("files"), manifest.get("counts"), manifest.get("settings"))
    rows = [*parts, *parts[0].values()] if isinstance(parts[0], dict) else [None]
    if not all(isinstance(row, dict) for row in rows) or not _is_list_of_text(manifest):
        raise damaged("Its manifest is not whole.")
    return manifest


def report(source: Source) -> dict[str, Any]:
    """Say what an archive would bring.

    Raises:
        Invalid: it can't be read.
    """
    manifest = read(source)
    missing = [path for path in manifest["files"] if path not in source]
    if missing:
        raise damaged(f"{len(missing)} of its files are missing, {missing[0]} for one.")
    counts = manifest["counts"]
    return {
        "format": FORMAT,
        "title": "a whole project of Pupil",
        "name": clean(str(manifest.get("name", "")))[:200],
        "pictures": counts.get("image", 0),
        "labels": counts.get("label", 0),
        "versions": counts.get("version", 0),
        "concepts": [
            {"name": clean(name)[:100], "positives": None, "negatives": None, "is_new": True}
            for name in manifest.get("concepts", [])
        ],
        "already": 0,
        "twice": 0,
        "unlabelled": 0,
        "problems": [],
        "problem_count": 0,
    }


def _is_list_of_text(manifest: dict[str, Any]) -> bool:
    names = manifest.get("concepts", [])
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def damaged(why: str) -> Invalid:
    return Invalid(f"This project’s file is damaged. {why}", code="archive_damaged")


def _kind(source: Source) -> Any:
    return _parsed(source).get("format")


def _parsed(source: Source) -> dict[str, Any]:
    try:
        document = next(doc for path, doc in source.documents() if path == MANIFEST)
    except FormatError as error:
        raise Invalid(error.message, code=error.code) from error
    return document if isinstance(document, dict) else {}
