from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File

from webapp.storage import DurableFileStorage


class BreakingOff(ContentFile):
    def chunks(self, chunk_size: int | None = None):
        yield b"the first half"
        raise OSError("disk full")


def test_file_is_kept_under_its_very_name(tmp_path: Path) -> None:
    storage = DurableFileStorage(location=tmp_path)
    for _ in range(2):
        assert storage.save("ab/cd.jpg", ContentFile(b"bytes")) == "ab/cd.jpg"
    with storage.open("ab/cd.jpg") as file:
        assert file.read() == b"bytes"


def test_write_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    storage = DurableFileStorage(location=tmp_path)
    with pytest.raises(OSError, match="disk full"):
        storage.save("ab/cd.jpg", BreakingOff(b""))
    assert not storage.exists("ab/cd.jpg")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_big_file_is_copied_whole(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 2**14)
    storage = DurableFileStorage(location=tmp_path / "storage")
    with source.open("rb") as file:
        storage.save("big", File(file))
    assert (tmp_path / "storage" / "big").read_bytes() == source.read_bytes()
