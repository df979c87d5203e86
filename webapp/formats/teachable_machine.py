"""Teachable Machine: a project saved as a file (`.tm`), which is a zip of samples and a manifest.

Its makers document nothing but "a zip" (issue 38 of googlecreativelab/teachablemachine-community).
What it holds is known from files that it saved and from a program that writes some for it
(MeemeeLab/TeachableMachine-Scraper): every sample lies beside `manifest.json` and is called
`CLASS-!-NUMBER.jpg`; the manifest says `image`, `audio` or `pose` and how to train, no class.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from webapp.formats.errors import FormatError
from webapp.formats.protocol import Item, Problem
from webapp.formats.source import Source

_SAMPLE = re.compile(r"(?P<concept>.*)-!-\d+", re.DOTALL)
_OTHERS = {"audio": "sounds", "pose": "poses"}


class TeachableMachine:
    name, title = "teachable_machine", "Teachable Machine"

    def recognises(self, source: Source) -> bool:
        manifest = _manifest(source)
        is_named_so = any(_SAMPLE.fullmatch(_stem(path)) for path in source.pictures)
        return "appdata" in manifest or is_named_so

    def items(self, source: Source) -> Iterator[Item | Problem]:
        kind = str(_manifest(source).get("type", "image")).lower()
        for other, plural in _OTHERS.items():
            if other in kind:
                raise FormatError("wrong_kind", f"This is a project of {plural}, not of pictures.")
        for path in source.pictures:
            sample = _SAMPLE.fullmatch(_stem(path))
            concept = sample["concept"].strip() if sample else ""
            if sample and not concept:
                yield Problem(path, "bad_entry", "The class of this sample has no name.")
            else:
                yield Item(path, {concept: True} if concept else {})


def _manifest(source: Source) -> dict[str, Any]:
    """Return what the manifest says; nothing where there is none, or another tool's."""
    for path, document in source.documents():
        if PurePosixPath(path).name == "manifest.json" and isinstance(document, dict):
            return document
    return {}


def _stem(path: str) -> str:
    return PurePosixPath(path).stem
