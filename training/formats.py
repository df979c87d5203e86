"""Which picture formats are accepted, and what the others are called."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A format as the page and the storage name it."""

    name: str
    content_type: str
    extension: str


# Keyed by Pillow's name of the format. MPO is a JPEG with further pictures behind the first.
FORMATS = {
    "JPEG": Format("JPEG", "image/jpeg", "jpg"),
    "MPO": Format("JPEG", "image/jpeg", "jpg"),
    "PNG": Format("PNG", "image/png", "png"),
    "GIF": Format("GIF", "image/gif", "gif"),
    "WEBP": Format("WebP", "image/webp", "webp"),
    "BMP": Format("BMP", "image/bmp", "bmp"),
    "TIFF": Format("TIFF", "image/tiff", "tiff"),
    "HEIF": Format("HEIF", "image/heic", "heic"),
    "AVIF": Format("AVIF", "image/avif", "avif"),
}
ALLOWED = tuple(name for name in FORMATS if name != "MPO")  # the JPEG reader opens those

_FOREIGN_PREFIXES = {
    b"%!PS": "EPS",
    b"\xc5\xd0\xd3\xc6": "EPS",
    b"%PDF": "PDF",
    b"8BPS": "Photoshop",
    b"\x00\x00\x01\x00": "Icon",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\x00\x00\x00\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\x01\xda": "SGI",
    b"DDS ": "DDS",
    b"\x1aE\xdf\xa3": "Video",
    b"PK\x03\x04": "ZIP",
}
# HEIF and AVIF share their container with MP4 video.
_PICTURE_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}


def foreign_format(head: bytes) -> str | None:
    """Name a well-known format that is not accepted, from a file's first bytes."""
    for prefix, name in _FOREIGN_PREFIXES.items():
        if head.startswith(prefix):
            return name
    if b"<svg" in head.lower():
        return "SVG"
    is_mp4 = head[4:8] == b"ftyp" and head[8:12] not in _PICTURE_BRANDS
    if is_mp4 or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return "Video"
    return None
