"""Ten ways in which a data set arrives broken.

Each takes a format's sample and returns the bytes that arrive.
"""

import io
import stat
import zipfile
from collections.abc import Callable

from tests.factories import jpeg
from tests.webapp.importing.samples import Files, zipped

TEXT = (".json", ".csv", ".xml", ".txt")


def cut_short(files: Files) -> bytes:
    data = zipped(files)
    return data[: len(data) // 2]


def no_zip(files: Files) -> bytes:
    return b"GIF89a, or so it says"


def empty(files: Files) -> bytes:
    return zipped({})


def labels_cut(files: Files) -> bytes:
    """What says what pictures show breaks off in the middle; folders have no such file."""
    if not any(path.endswith(TEXT) for path in files):
        return zipped({"a": b""})[:-5]
    return zipped({p: d[: len(d) // 2] if p.endswith(TEXT) else d for p, d in files.items()})


def no_pictures(files: Files) -> bytes:
    return zipped({p: d for p, d in files.items() if p.endswith(TEXT)} or {"a.txt": b"x"})


def one_picture_is_none(files: Files) -> bytes:
    first = next(path for path in files if path.endswith(".jpg"))
    return zipped(files | {first: b"words, not pixels"})


def one_leads_out(files: Files) -> bytes:
    return zipped({**files, "../../etc/evil.jpg": jpeg()})


def one_is_a_link(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
        link = zipfile.ZipInfo("Rex/link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def one_is_a_bomb(files: Files) -> bytes:
    return zipped({**files, "Rex/bomb.jpg": bytes(20 * 2**20)})


def one_is_damaged(files: Files) -> bytes:
    """A picture's bytes in the zip are not what its checksum says."""
    data = bytearray(zipped(files, zipfile.ZIP_STORED))
    first = next(path for path in files if path.endswith(".jpg"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(first)
    middle = info.header_offset + info.file_size // 2
    data[middle] ^= 0xFF
    return bytes(data)


# Whether the rest of the data set is still good; None: that depends on the format.
BREAKAGES: dict[Callable[[Files], bytes], bool | None] = {
    cut_short: False,
    no_zip: False,
    empty: False,
    labels_cut: None,
    no_pictures: False,
    one_picture_is_none: True,
    one_leads_out: True,
    one_is_a_link: True,
    one_is_a_bomb: True,
    one_is_damaged: True,
}
