"""Data sets as the tools write them, small: each shows what a reader must understand."""

import io
import json
import zipfile
from collections.abc import Mapping

from tests.factories import jpeg

Files = dict[str, bytes]


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def folders() -> Files:
    return {
        "pets/Rex/1.jpg": jpeg(),
        "pets/Rex/2.jpg": jpeg(),
        "pets/Mia/1.jpg": jpeg(),
        "__MACOSX/pets/Rex/._1.jpg": b"nothing",
        "pets/Rex/.DS_Store": b"nothing",
    }


def csv() -> Files:
    table = "filename,label\nimages/a.jpg,Rex\nimages/b.jpg,Rex;Mia\nimages/c.jpg,\n"
    return {"labels.csv": table.encode(), **_abc("images/")}


def coco() -> Files:
    document = {
        "info": {"description": "COCO 2017 Dataset", "version": "1.0", "year": 2017},
        "licenses": [{"id": 1, "name": "Attribution", "url": "http://example.org"}],
        "images": [
            {"id": 9, "file_name": "a.jpg", "height": 240, "width": 320, "license": 1},
            {"id": 25, "file_name": "b.jpg", "height": 240, "width": 320, "license": 1},
            {"id": 30, "file_name": "c.jpg", "height": 240, "width": 320, "license": 1},
        ],
        "annotations": [
            {"id": 1, "image_id": 9, "category_id": 18, "bbox": [1, 2, 30, 40], "iscrowd": 0},
            {"id": 2, "image_id": 9, "category_id": 18, "bbox": [5, 2, 30, 40], "iscrowd": 0},
            {"id": 3, "image_id": 25, "category_id": 18, "segmentation": [[1, 2, 3, 4]]},
            {"id": 4, "image_id": 25, "category_id": 17, "area": 12.5},
        ],
        "categories": [
            {"id": 17, "name": "Mia", "supercategory": "animal"},
            {"id": 18, "name": "Rex", "supercategory": "animal"},
        ],
    }
    return {"annotations/instances_val2017.json": as_json(document), **_abc("val2017/")}


def voc() -> Files:
    def annotation(name: str, *objects: str) -> bytes:
        inner = "".join(
            f"<object><name>{one}</name><difficult>0</difficult><bndbox><xmin>1</xmin>"
            "<ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
            for one in objects
        )
        size = "<size><width>320</width><height>240</height><depth>3</depth></size>"
        head = f"<folder>VOC2012</folder><filename>{name}</filename>"
        return f"<annotation>{head}{size}<segmented>0</segmented>{inner}</annotation>".encode()

    root = "VOCdevkit/VOC2012"
    return {
        f"{root}/Annotations/a.xml": annotation("a.jpg", "Rex", "Rex"),
        f"{root}/Annotations/b.xml": annotation("b.jpg", "Rex", "Mia"),
        f"{root}/ImageSets/Main/Rex_trainval.txt": b"a  1\nb  1\nc -1\n",
        f"{root}/ImageSets/Main/Mia_trainval.txt": b"a  0\nb  1\n",
        f"{root}/ImageSets/Main/trainval.txt": b"a\nb\nc\n",
        **_abc(f"{root}/JPEGImages/"),
    }


def label_studio() -> Files:
    def task(number: int, name: str, *results: dict[str, object]) -> dict[str, object]:
        return {
            "id": number,
            "annotations": [
                {"id": 1, "completed_by": 1, "was_cancelled": True, "result": _choice("Wrong")},
                {"id": 2, "completed_by": 1, "was_cancelled": False, "result": list(results)},
            ],
            "predictions": [{"result": _choice("Predicted")}],
            "data": {"image": f"/data/upload/3/{name}"},
            "file_upload": name,
        }

    box = {
        "type": "rectanglelabels",
        "from_name": "label",
        "to_name": "image",
        "value": {"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["Mia"]},
    }
    tasks = [
        task(1, "0a1b2c3d-a.jpg", *_choice("Rex")),
        task(2, "4e5f6a7b-b.jpg", *_choice("Rex"), box),
        task(3, "8c9d0e1f-c.jpg"),
    ]
    return {"project-3-at-2026-01-01.json": as_json(tasks), **_abc("images/")}


def label_studio_short() -> Files:
    tasks = [
        {"image": "/data/local-files/?d=images%2Fa.jpg", "id": 1, "choice": "Rex", "annotator": 1},
        {
            "image": "/data/upload/1/b.jpg",
            "id": 2,
            "choice": {"choices": ["Rex", "Mia"]},
            "annotator": 1,
            "lead_time": 2.5,
        },
        {"image": "/data/upload/1/c.jpg", "id": 3, "annotator": 1},
    ]
    return {"result.json": as_json(tasks), **_abc("images/")}


def teachable_machine() -> Files:
    """As its "Download project as file" writes it: all in one folder, classes in the names."""
    manifest = {
        "type": "image",
        "version": "2.4.4",
        "appdata": {
            "publishResults": {},
            "trainEpochs": 50,
            "trainBatchSize": 16,
            "trainLearningRate": 0.001,
        },
    }
    names = ("Rex-!-0.jpg", "Rex-!-1.jpg", "Black & white-!-0.jpg")
    pictures = {name: jpeg(size=(224, 224)) for name in names}
    return {**pictures, "manifest.json": as_json(manifest)}


def custom_vision() -> Files:
    def image(number: str, *tags: str) -> dict[str, object]:
        address = f"https://example.blob.core.windows.net/i-x/o-{number}?sv=1&sig=expired"
        return {
            "id": number,
            "created": "2024-02-15T13:24:02.916Z",
            "width": 320,
            "height": 240,
            "resizedImageUri": address,
            "originalImageUri": address,
            "thumbnailUri": address,
            "tags": [{"tagId": f"t-{name}", "tagName": name, "created": "x"} for name in tags],
        }

    images = [image("a", "Rex"), image("b", "Rex", "Mia"), image("c", "Nothing")]
    tags = [
        {"id": "t-Rex", "name": "Rex", "type": "Regular", "imageCount": 2},
        {"id": "t-Mia", "name": "Mia", "type": "Regular", "imageCount": 1},
        {"id": "t-Nothing", "name": "Nothing", "type": "Negative", "imageCount": 1},
    ]
    return {"images.json": as_json(images), "tags.json": as_json(tags), **_abc("images/")}


def _choice(name: str) -> list[dict[str, object]]:
    value = {"choices": [name]}
    return [{"type": "choices", "from_name": "choice", "to_name": "image", "value": value}]


def _abc(folder: str) -> Files:
    return {f"{folder}{name}.jpg": jpeg() for name in "abc"}


REX_AND_MIA = {("a", "Rex", True), ("b", "Rex", True), ("b", "Mia", True)}
NOT_IN_C = {("c", "Rex", False), ("c", "Mia", False)}
_BY_FOLDER = {("1", "Rex", True), ("2", "Rex", True), ("1", "Mia", True)}
_BY_CLASS = {
    ("Rex-!-0", "Rex", True),
    ("Rex-!-1", "Rex", True),
    ("Black & white-!-0", "Black & white", True),
}

# Each format's sample, and what it says: picture, concept, whether it shows it.
SAMPLES = {
    "folders": (folders, _BY_FOLDER),
    "csv": (csv, REX_AND_MIA),
    "coco": (coco, REX_AND_MIA),
    "voc": (voc, REX_AND_MIA | {("c", "Rex", False)}),
    "label_studio": (label_studio, REX_AND_MIA),
    "label_studio/short": (label_studio_short, REX_AND_MIA),
    "teachable_machine": (teachable_machine, _BY_CLASS),
    "custom_vision": (custom_vision, REX_AND_MIA | NOT_IN_C),
}
