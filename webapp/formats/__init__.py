"""Data sets as others write them, a reader per format; knows no database and no Django.

A data set is a zip: pictures, and mostly a file that says what they show. `detect` finds the
reader; it yields, picture by picture, what is said of it, or what is wrong with it.
"""

from webapp.formats.coco import Coco
from webapp.formats.custom_vision import CustomVision
from webapp.formats.errors import FormatError
from webapp.formats.folders import Folders
from webapp.formats.label_studio import LabelStudio
from webapp.formats.protocol import Item, Problem, Reader
from webapp.formats.source import Limits, Source
from webapp.formats.tables import Tables
from webapp.formats.teachable_machine import TeachableMachine
from webapp.formats.voc import Voc

__all__ = ["READERS", "FormatError", "Item", "Limits", "Problem", "Reader", "Source", "detect"]

# The surest signs first; folders alone come last.
READERS: tuple[Reader, ...] = (
    TeachableMachine(),
    Coco(),
    CustomVision(),
    LabelStudio(),
    Voc(),
    Tables(),
    Folders(),
)


def detect(source: Source) -> Reader:
    """Return the reader that knows a data set.

    Raises:
        FormatError: none does, or a file that should say what pictures show can't be read.
    """
    for reader in READERS:
        if reader.recognises(source):
            return reader
    raise FormatError(
        "unknown_format",
        "There are no pictures in this file. Pack them in a zip, in one folder per concept or "
        "beside the file that says what they show.",
    )
