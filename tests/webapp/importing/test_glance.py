"""A picture in a zip is looked at without unpacking more than that needs, and nothing twice."""

import io
import os
import struct
import zipfile
from contextlib import suppress

import pytest

from tests.factories import jpeg
from tests.webapp.importing.samples import zipped
from training.images import ImageLimits
from webapp import learning
from webapp.errors import Invalid, TooLarge
from webapp.formats import Source
from webapp.formats.glance import Glance


class Counting(io.RawIOBase):
    """Counts what is unpacked of it; like a zip's entry it goes back by starting anew."""

    def __init__(self, data):
        self._file, self.unpacked = io.BytesIO(data), 0

    def read(self, size=-1):
        data = self._file.read(size)
        self.unpacked += len(data)
        return data

    def tell(self):
        return self._file.tell()

    def seek(self, offset, whence=os.SEEK_SET):
        here = self._file.tell()
        there = self._file.seek(offset, whence)
        self.unpacked += there - here if there >= here else there
        return there


def restless_tiff(tags=500, room=20_000):
    """A TIFF each of whose tags keeps its data far from its neighbours'."""
    data = bytearray(room)
    data[:8] = struct.pack("<2sHL", b"II", 42, 8)
    struct.pack_into("<H", data, 8, tags + 2)
    entries = [(256, 4, 1, 10), (257, 4, 1, 10)]
    entries += [(40_000 + n, 2, 8, room - 8 * (n % 2 + 1)) for n in range(tags)]
    for number, entry in enumerate(entries):
        struct.pack_into("<HHLL", data, 10 + 12 * number, *entry)
    return bytes(data)


@pytest.mark.parametrize("file", [restless_tiff(), jpeg() + bytes(100_000)])
def test_nothing_is_unpacked_twice(file):
    entry = Counting(file)
    with suppress(Invalid):  # what else a picture needs it has not
        learning.probe(Glance(entry, len(file)))
    assert 0 < entry.unpacked <= len(file)


def test_of_a_picture_whose_header_comes_first_the_rest_stays_packed():
    file = jpeg() + bytes(2 * 2**20)
    entry = Counting(file)
    assert learning.probe(Glance(entry, len(file))).format == "JPEG"
    assert entry.unpacked < len(file) / 10


def test_of_a_picture_that_is_too_large_nothing_is_unpacked(monkeypatch):
    monkeypatch.setattr(learning.pictures, "limits", lambda: ImageLimits(max_bytes=100))
    entry = Counting(jpeg())
    with pytest.raises(TooLarge):
        learning.probe(Glance(entry, 101))
    assert entry.unpacked == 0


def test_it_reads_as_the_file_itself_does():
    data = os.urandom(200_000)
    with Source(io.BytesIO(zipped({"a.jpg": data}))).glance("a.jpg") as file:
        assert file.seek(-10, os.SEEK_END) == len(data) - 10
        assert file.read() == data[-10:]
        assert file.read(5) == b""
        file.seek(70_000)
        assert file.read(10) == data[70_000:70_010]
        file.seek(-5, os.SEEK_CUR)
        assert file.read(10) == data[70_005:70_015]
        file.seek(300_000)
        assert file.read() == b""
        file.seek(0)
        assert file.read() == data


def test_what_is_damaged_says_so():
    data = os.urandom(100_000)
    packed = zipped({"a.jpg": data}, zipfile.ZIP_STORED).replace(data[50_000:], bytes(50_000))
    with (
        Source(io.BytesIO(packed)).glance("a.jpg") as file,
        pytest.raises(zipfile.BadZipFile),
    ):
        file.read()
