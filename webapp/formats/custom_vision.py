"""Azure Custom Vision: pictures with the JSON that its training API gives of images and tags.

Source: https://learn.microsoft.com/rest/api/customvision/images/list and …/tags/list. The JSON
calls pictures by id and by addresses that soon expire; the pictures lie beside it, called by
their id or by the last part of such an address.
"""

from collections.abc import Iterator
from typing import Any

from webapp.formats.protocol import Item, Problem, Said
from webapp.formats.source import Source

_REFERENCES = ("fileName", "filename", "path", "name", "id", "imageId")
_ADDRESSES = ("originalImageUri", "resizedImageUri", "imageUri", "thumbnailUri")


class CustomVision:
    name, title = "custom_vision", "Azure Custom Vision"

    def recognises(self, source: Source) -> bool:
        return any(True for _, document in source.documents() for _ in _images(document))

    def items(self, source: Source) -> Iterator[Item | Problem]:
        said = Said(source)
        negatives = {
            name for _, document in source.documents() for name in _negative_tags(document)
        }
        images = [image for _, document in source.documents() for image in _images(document)]
        tagged = [(image, _tags(image)) for image in images]
        names = {name for _, tags in tagged for name in tags} - negatives
        for image, tags in tagged:
            labels = said.of(_reference(image, source))
            if labels is None:
                continue
            if negatives.intersection(tags):  # its "negative" tag: none of the others
                labels.update(dict.fromkeys(names, False))
            labels.update({name: True for name in tags if name not in negatives})
        return said.items()


def _images(document: Any) -> Iterator[dict[str, Any]]:
    rows = document.get("images") if isinstance(document, dict) else document
    for row in rows if isinstance(rows, list) else []:
        is_image = isinstance(row, dict) and isinstance(row.get("tags"), list | None)
        if is_image and any(isinstance(row.get(key), str) for key in _ADDRESSES):
            yield row


def _negative_tags(document: Any) -> Iterator[str]:
    rows = document.get("tags") if isinstance(document, dict) else document
    for row in rows if isinstance(rows, list) else []:
        is_tag = isinstance(row, dict) and row.get("type") == "Negative"
        if is_tag and isinstance(row.get("name"), str):
            yield row["name"].strip()


def _tags(image: dict[str, Any]) -> list[str]:
    """Return the names of its tags, and of the tags of regions in it."""
    rows = [*(image.get("tags") or []), *(image.get("regions") or [])]
    names = [row.get("tagName") for row in rows if isinstance(row, dict)]
    return [name.strip() for name in names if isinstance(name, str) and name.strip()]


def _reference(image: dict[str, Any], source: Source) -> str:
    given: list[str] = [
        image[key] for key in (*_REFERENCES, *_ADDRESSES) if isinstance(image.get(key), str)
    ]
    return next((reference for reference in given if source.find(reference)), given[0])
