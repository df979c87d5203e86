"""One folder per concept: what many tools write, and what people make by hand."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from webapp.formats.protocol import Item, Problem
from webapp.formats.source import Source


class Folders:
    """Each picture shows what its folder is called; outside of folders nothing is said."""

    name, title = "folders", "one folder per concept"

    def recognises(self, source: Source) -> bool:
        return bool(source.pictures)

    def items(self, source: Source) -> Iterator[Item | Problem]:
        for path in source.pictures:
            folder = PurePosixPath(path).parent.name.strip()
            yield Item(path, {folder: True} if folder else {})
