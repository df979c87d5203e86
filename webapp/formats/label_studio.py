"""Label Studio: its JSON and JSON-MIN exports, with the pictures beside them.

Source: https://labelstud.io/guide/task_format and …/guide/export. Choices and the labels of
regions count alike: the picture shows them. Of several annotations the last that was not
cancelled counts; predictions don't.
"""

import re
from collections.abc import Iterator
from typing import Any

from webapp.formats.protocol import Item, Problem, Said, names_in
from webapp.formats.source import Source

_KINDS = ("choices", "labels", "taxonomy")  # and rectanglelabels, polygonlabels, …
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=[^/]+$)")  # what it puts before an uploaded file's name
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|bmp|tiff?|heic|heif|avif)$", re.IGNORECASE)
_OF_THE_TASK = {"annotator", "annotation_id", "lead_time", "created_at", "updated_at", "id"}


class LabelStudio:
    name, title = "label_studio", "Label Studio"

    def recognises(self, source: Source) -> bool:
        return any(_is_export(document) for _, document in source.documents())

    def items(self, source: Source) -> Iterator[Item | Problem]:
        said = Said(source)
        for path, document in source.documents():
            for task in document if _is_export(document) else []:
                _read(path, task, source, said)
        return said.items()


def _is_export(document: Any) -> bool:
    tasks = [task for task in document if isinstance(task, dict)] if _is_list(document) else []
    return any(_is_task(task) or _is_short_task(task) for task in tasks)


def _is_task(task: dict[str, Any]) -> bool:
    return isinstance(task.get("data"), dict) and ("annotations" in task or "completions" in task)


def _is_short_task(task: dict[str, Any]) -> bool:
    return bool({"annotator", "annotation_id", "lead_time"} & task.keys())


def _read(path: str, task: Any, source: Source, said: Said) -> None:
    if not isinstance(task, dict) or not (_is_task(task) or _is_short_task(task)):
        said.wrong(path, "bad_entry", "An entry of this file is no task.")
        return
    data = task["data"] if _is_task(task) else task
    reference = _reference(data, source)
    if reference is None:
        item = f"{path}, task {task.get('id', '?')}"
        said.wrong(item, "picture_missing", "This task names no picture.")
        return
    labels = said.of(reference)
    if labels is not None:
        names = _annotated(task) if _is_task(task) else _short(task, reference)
        labels.update(dict.fromkeys(names, True))


def _reference(data: dict[str, Any], source: Source) -> str | None:
    """Return the picture that a task is about: the first value that looks like one."""
    values = [value for value in data.values() if isinstance(value, str)]
    for value in values:
        for spelling in (value, _UPLOADED.sub("", value)):
            if source.find(spelling):
                return spelling
    return next((value for value in values if _PICTURE.search(value)), None)


def _annotated(task: dict[str, Any]) -> list[str]:
    annotations = task.get("annotations") or task.get("completions")
    kept = [
        one
        for one in (annotations if isinstance(annotations, list) else [])
        if isinstance(one, dict) and not one.get("was_cancelled") and _is_list(one.get("result"))
    ]
    return [name for part in (kept[-1]["result"] if kept else []) for name in _names(part)]


def _names(part: Any) -> Iterator[str]:
    value = part.get("value") if isinstance(part, dict) else None
    for kind, names in value.items() if isinstance(value, dict) else []:
        if kind.endswith(_KINDS):
            yield from names_in(names)


def _short(task: dict[str, Any], reference: str) -> Iterator[str]:
    """Yield the names in a JSON-MIN task: every field but the picture and the task's own."""
    for field, value in task.items():
        if field in _OF_THE_TASK or value == reference:
            continue
        if isinstance(value, str) and not _PICTURE.search(value):
            yield from names_in(value)
        for part in value if _is_list(value) else [value]:
            yield from _names({"value": part})


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
