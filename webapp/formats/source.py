"""A zip that is not trusted: sizes, names and kinds of its entries are judged before any is read.

Nothing is ever unpacked to a path that the zip names.
"""

import json
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, cast
from urllib.parse import parse_qs, unquote, urlsplit
from zipfile import ZipFile, ZipInfo

from webapp.formats.errors import FormatError
from webapp.formats.glance import Glance

_SYSTEM = {"__macosx", "thumbs.db", "desktop.ini"}
_NO_PICTURES = {
    ".cfg", ".csv", ".doc", ".docx", ".htm", ".html", ".json", ".jsonl", ".log", ".md", ".names",
    ".pbtxt", ".pdf", ".py", ".rst", ".tsv", ".txt", ".xls", ".xlsx", ".xml", ".yaml", ".yml",
}  # fmt: skip
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_ENTRIES, _DIRECTORY_BYTES = 4, 5  # in what `zipfile` reads of a zip's end
_ENTRY_HEADER_BYTES = 1024
# About what Python takes once it is parsed: for an object, a list, a value, and a text between two
# quotes. Counted so, labels as programs write them have room up to the limit of their size.
_JSON_BYTES = {b"{": 256, b"[": 96, b",": 40, b'"': 20}


@dataclass(frozen=True)
class Limits:
    """What is accepted.

    Attributes:
        max_entries: of the zip.
        max_total_bytes: of all entries, unpacked.
        max_ratio: of unpacked to packed bytes, of one entry and of all.
        ratio_from_bytes: smaller entries may be packed as tightly as they like.
        max_text_bytes: of a file that says what pictures show: as rows, it may take fifty times
            as much.
        max_document_bytes: of all JSON files together.
        max_parsed_bytes: what these may take once they are parsed: up to 25 times as much, where
            they are written to.
    """

    max_entries: int = 200_000
    max_total_bytes: int = 100 * 2**30
    max_ratio: float = 150.0
    ratio_from_bytes: int = 2**20
    max_text_bytes: int = 32 * 2**20
    max_document_bytes: int = 64 * 2**20
    max_parsed_bytes: int = 768 * 2**20


class Source:
    """The entries of a zip that can be used, by their path."""

    def __init__(self, file: IO[bytes], limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.refused: list[tuple[str, str, str]] = []
        """Path, code and message of each entry that is not used."""
        self._zip = _opened(file, self.limits)
        self._entries: dict[str, ZipInfo] = {}
        for info in self._zip.infolist():
            self._take(info)
        if sum(info.file_size for info in self._entries.values()) > self.limits.max_total_bytes:
            gigabytes = self.limits.max_total_bytes // 2**30
            raise FormatError("too_large", f"Unpacked, this is more than {gigabytes} GB.")
        self.pictures = [path for path in self._entries if _may_be_picture(path)]
        self._index: dict[str, str | None] = {}
        for path in self.pictures:
            for name in _names_of(path):
                self._index[name] = None if name in self._index else path
        self._documents: list[tuple[str, Any]] | None = None

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def size(self, path: str) -> int:
        return self._entries[path].file_size

    def check(self, path: str) -> int:
        """Return the entry's checksum: equal files have equal ones."""
        return self._entries[path].CRC

    def open(self, path: str) -> IO[bytes]:
        """Open an entry; it never yields more than its declared size."""
        return self._zip.open(self._entries[path])

    def glance(self, path: str) -> IO[bytes]:
        """Open an entry of which only the beginning may be wanted."""
        return cast("IO[bytes]", Glance(self.open(path), self.size(path)))

    def paths(self, *endings: str) -> list[str]:
        """Return the paths with one of these endings."""
        return [path for path in self._entries if path.lower().endswith(endings)]

    def data(self, path: str) -> bytes:
        """Read a small entry whole.

        Raises:
            FormatError: it is not small, or damaged.
        """
        if self.size(path) > self.limits.max_text_bytes:
            megabytes = self.limits.max_text_bytes // 2**20
            raise FormatError("labels_too_large", f"{path} is larger than {megabytes} MB.")
        return self._read(path)

    def documents(self) -> list[tuple[str, Any]]:
        """Return every JSON file by path, parsed.

        Raises:
            FormatError: one can't be, or they are too large together.
        """
        if self._documents is None:
            paths = self.paths(".json")
            if sum(map(self.size, paths)) > self.limits.max_document_bytes:
                megabytes = self.limits.max_document_bytes // 2**20
                raise FormatError(
                    "labels_too_large", f"The JSON files are larger than {megabytes} MB together."
                )
            room = self.limits.max_parsed_bytes
            documents = []
            for path in paths:
                data = self._read(path)
                room -= sum(size * data.count(sign) for sign, size in _JSON_BYTES.items())
                if room < 0:
                    raise FormatError("labels_too_large", "The JSON files hold too many values.")
                documents.append((path, _parsed(path, data)))
            self._documents = documents
        return self._documents

    def find(self, reference: str) -> str | None:
        """Return the picture that a reference means: a path, part of one, a name, an address."""
        for name in _spellings(reference):
            if name in self._entries:
                return name
            parts = PurePosixPath(name.lower()).parts
            for start in range(len(parts)):
                path = self._index.get("/".join(parts[start:]))
                if path is not None:
                    return path
        return None

    def _read(self, path: str) -> bytes:
        try:
            with self.open(path) as file:
                return file.read()
        except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
            raise FormatError("labels_unreadable", f"{path} is damaged.") from error
        except Exception as error:  # zlib, lzma and bz2 have errors of their own
            raise FormatError("labels_unreadable", f"{path} is damaged.") from error

    def _take(self, info: ZipInfo) -> None:
        path = info.filename.replace("\\", "/")
        if not PurePosixPath(path).parts:
            self.refused.append(("?", "bad_path", "This file has no name."))
            return
        if info.is_dir() or path.endswith("/") or _is_hidden(path):
            return
        wrong = _wrong_with(info, path, self.limits)
        if wrong is None and path in self._entries:
            wrong = ("twice_in_zip", "The zip holds another file of this name.")
        if wrong is None:
            self._entries[path] = info
        else:
            self.refused.append((path[:300], *wrong))


def _parsed(path: str, data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError("labels_unreadable", f"{path} is not valid JSON.") from error


def _opened(file: IO[bytes], limits: Limits) -> ZipFile:
    try:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
        if end is None:
            raise FormatError("not_a_zip", "This is not a zip file, or part of it is missing.")
        directory_bytes = limits.max_entries * _ENTRY_HEADER_BYTES
        if end[_ENTRIES] > limits.max_entries or end[_DIRECTORY_BYTES] > directory_bytes:
            raise FormatError(
                "too_many_entries", f"The zip holds more than {limits.max_entries:,} files."
            )
        opened = ZipFile(file)
    except FormatError:
        raise
    except Exception as error:  # a damaged zip raises nearly anything
        raise FormatError("not_a_zip", "This zip file is damaged.") from error
    packed = max(1, sum(info.compress_size for info in opened.infolist()))
    unpacked = sum(info.file_size for info in opened.infolist())
    if unpacked > 100 * limits.ratio_from_bytes and unpacked / packed > limits.max_ratio:
        raise FormatError("zip_bomb", "This zip unpacks to far more than it holds.")
    return opened


def _wrong_with(info: ZipInfo, path: str, limits: Limits) -> tuple[str, str] | None:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or ":" in parts[0]:
        return "bad_path", "This path leads out of the zip."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "link", "This is a link to another file, not a file."
    if info.flag_bits & 1:
        return "encrypted", "This file is locked with a password."
    if info.compress_type not in _METHODS:
        return "unknown_compression", "This file is packed in a way that is not understood."
    is_tight = info.file_size > limits.max_ratio * max(1, info.compress_size)
    if is_tight and info.file_size > limits.ratio_from_bytes:
        return "zip_bomb", "This file unpacks to far more than it holds."
    return None


def _is_hidden(path: str) -> bool:
    return any(
        part.lower() in _SYSTEM or (part.startswith(".") and part not in {".", ".."})
        for part in PurePosixPath(path).parts
    )


def _may_be_picture(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() not in _NO_PICTURES


def _names_of(path: str) -> Iterator[str]:
    """Yield what a picture may be called: each end of its path, with and without its ending."""
    parts = PurePosixPath(path.lower()).parts
    for start in range(len(parts)):
        end = "/".join(parts[start:])
        yield end
        yield end.removesuffix(PurePosixPath(end).suffix)


def _spellings(reference: str) -> Iterator[str]:
    """Yield the paths that a reference may mean: as it is, and taken as an address."""
    yield reference.replace("\\", "/")
    try:
        address = urlsplit(reference)
    except ValueError:
        return
    yield from parse_qs(address.query).get("d", [])  # Label Studio's local files
    yield unquote(address.path).lstrip("/")
