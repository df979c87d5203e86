"""Pascal VOC: an XML per picture, and lists of pictures per class.

Source: http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/. An object in a picture means
that it shows that class; in `ImageSets/Main/CLASS_SET.txt`, 1 means that too, -1 that it does
not, and 0 that it is hard to say.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from webapp.formats.protocol import Item, Problem, Said
from webapp.formats.source import Source

_SET = re.compile(r"(?:^|/)ImageSets/Main/(.+)_(?:train|val|trainval|test)\.txt$", re.IGNORECASE)
_MAX_XML_BYTES = 2 * 2**20
_VERDICTS = {"1": True, "-1": False}


class Voc:
    name, title = "voc", "Pascal VOC"

    def recognises(self, source: Source) -> bool:
        return any(True for _ in _sets(source)) or any(
            b"<annotation" in source.data(path)[:4096] for path in source.paths(".xml")
        )

    def items(self, source: Source) -> Iterator[Item | Problem]:
        said = Said(source)
        for path in source.paths(".xml"):
            _read_xml(path, source, said)
        for path, concept in _sets(source):
            _read_set(path, concept, source, said)
        return said.items()


def _sets(source: Source) -> Iterator[tuple[str, str]]:
    for path in source.paths(".txt"):
        if match := _SET.search(path):
            yield path, match[1]


def _read_xml(path: str, source: Source, said: Said) -> None:
    if source.size(path) > _MAX_XML_BYTES:
        said.wrong(path, "labels_too_large", "This file is too large for an annotation.")
        return
    try:
        root: Any = fromstring(source.data(path))
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        said.wrong(path, "labels_unreadable", "This is not valid XML.")
        return
    if root.tag != "annotation":
        return
    stem = PurePosixPath(path).stem
    named = (root.findtext("filename") or "").strip()
    labels = said.of(named if source.find(named) else stem)
    if labels is not None:
        names = [(found.findtext("name") or "").strip() for found in root.iter("object")]
        labels.update(dict.fromkeys(filter(None, names), True))


def _read_set(path: str, concept: str, source: Source, said: Said) -> None:
    for number, line in enumerate(source.data(path).decode("utf-8", "replace").splitlines(), 1):
        parts = line.rsplit(maxsplit=1)
        if not parts:
            continue
        if len(parts) != 2 or parts[1] not in {*_VERDICTS, "0"}:
            said.wrong(
                f"{path}, line {number}", "bad_entry", "This line is not a picture and a 1 or -1."
            )
            continue
        labels = said.of(parts[0])
        if labels is not None and parts[1] in _VERDICTS:
            # What an XML says it shows it does show.
            labels.setdefault(concept, _VERDICTS[parts[1]])
