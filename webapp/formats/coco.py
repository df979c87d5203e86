"""COCO: a JSON of images, categories and annotations.

Source: https://cocodataset.org/#format-data. Where in a picture a thing is does not matter here:
a picture with an annotation of a category shows it.
"""

from collections.abc import Iterator
from typing import Any

from webapp.formats.protocol import Item, Problem, Said
from webapp.formats.source import Source


class Coco:
    name, title = "coco", "COCO"

    def recognises(self, source: Source) -> bool:
        return any(_is_coco(document) for _, document in source.documents())

    def items(self, source: Source) -> Iterator[Item | Problem]:
        said = Said(source)
        for path, document in source.documents():
            if _is_coco(document):
                _read(path, document, said)
        return said.items()


def _is_coco(document: Any) -> bool:
    return isinstance(document, dict) and all(
        isinstance(document.get(part), list) for part in ("images", "categories")
    )


def _read(path: str, document: dict[str, Any], said: Said) -> None:
    names = {
        category["id"]: category["name"]
        for category in _rows(document["categories"])
        if isinstance(category.get("name"), str) and _is_id(category.get("id"))
    }
    labels: dict[Any, dict[str, bool] | None] = {}
    for image in _rows(document["images"]):
        if _is_id(image.get("id")) and isinstance(image.get("file_name"), str):
            labels[image["id"]] = said.of(image["file_name"])
        else:
            said.wrong(path, "bad_entry", "A picture in this file has no id or no file name.")
    annotations = document.get("annotations")
    for annotation in _rows(annotations if isinstance(annotations, list) else []):
        _note(annotation, names, labels, said, path)


def _note(
    annotation: dict[str, Any],
    names: dict[Any, str],
    labels: dict[Any, dict[str, bool] | None],
    said: Said,
    path: str,
) -> None:
    image, category = annotation.get("image_id"), annotation.get("category_id")
    item = f"{path}, annotation {annotation.get('id', '?')}"
    if not _is_id(category) or category not in names:
        said.wrong(item, "unknown_category", f"It is of a category, {category}, with no name.")
    elif not _is_id(image) or image not in labels:
        said.wrong(item, "unknown_picture", f"It is of a picture, {image}, that is not listed.")
    elif (of_image := labels[image]) is not None:
        of_image[names[category]] = True


def _rows(values: list[Any]) -> Iterator[dict[str, Any]]:
    return (value for value in values if isinstance(value, dict))


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str)
