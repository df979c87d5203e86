"""What a picture's metadata says; broken metadata must not cost the picture."""

from datetime import datetime

from PIL import Image

ORIENTATION = 0x0112
_DETAILS, _TAKEN = 0x8769, 0x9003
_FIRST_YEAR = 1827  # of the oldest photograph that is left


def orientation(image: Image.Image) -> int:
    """Return how to turn a picture, 1 to 8; 1 (not at all) where nothing readable says."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Pillow would decode all of it to look for metadata behind the pixels
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def taken_at(image: Image.Image) -> datetime | None:
    """Read the camera's clock; a broken or unset one has not been read."""
    if image.format == "PNG" and "exif" not in image.info:
        return None
    try:
        text = image.getexif().get_ifd(_DETAILS).get(_TAKEN, "")
        taken = datetime.strptime(str(text).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")
    except Exception:
        return None
    return taken if taken.year >= _FIRST_YEAR else None
