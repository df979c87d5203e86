"""Heads as bytes: safetensors for the arrays, JSON in its header for the rest; no pickle."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

from training.errors import ArtifactError

if TYPE_CHECKING:
    from training.heads.head import Head

Arrays = dict[str, NDArray[Any]]

FORMAT_VERSION = "2"
_ARRAYS = ("weights", "bias", "thresholds")
_CALIBRATION = ("slope", "offset", "known")
_MAX_HEAD_NUMBERS = 2**25  # 128 MB; a thousand concepts of the widest backbone take a sixteenth


def dumps(
    head: Head, metadata: Mapping[str, Any], more: Mapping[str, NDArray[Any]] | None = None
) -> bytes:
    """Write a head, JSON-able metadata, and more arrays under names of their own."""
    arrays: Arrays = {name: getattr(head, name) for name in _ARRAYS}
    arrays |= {name: getattr(head.calibration, name) for name in _CALIBRATION}
    arrays |= {name: np.ascontiguousarray(array) for name, array in (more or {}).items()}
    manifest = {
        "format": "pupil-head",
        "version": FORMAT_VERSION,
        "concepts": json.dumps(head.concepts),
        "fingerprint": head.fingerprint,
        "exclusive": json.dumps(head.exclusive),
        "metadata": json.dumps(metadata),
    }
    return bytes(save(arrays, metadata=manifest))


@dataclass(frozen=True)
class Parts:
    """What an artifact holds, in its parts; needs numpy alone.

    Attributes:
        arrays: by name.
        metadata: as it was given.
        exclusive: whether a picture shows one concept at most.
    """

    arrays: Arrays
    metadata: dict[str, Any]
    exclusive: bool


def parts(data: bytes) -> Parts:
    """Read an artifact without building its head.

    Raises:
        ArtifactError: the bytes are damaged, or of a format that this version does not know.
    """
    arrays, manifest = _read(data)
    try:
        metadata, exclusive = (json.loads(manifest[key]) for key in ("metadata", "exclusive"))
    except (KeyError, ValueError) as error:
        raise ArtifactError("damaged", "The model's file is damaged.") from error
    return Parts(arrays, metadata, exclusive)


def loads(data: bytes) -> tuple[Head, dict[str, Any]]:
    """Read head and metadata.

    Raises:
        ArtifactError: as above.
    """
    return _head(*_read(data))


def check(path: Path) -> None:
    """Read the head in a file, and of the rest, however large it is, no more than what it says.

    Raises:
        ArtifactError: as above, or the head alone is larger than any is.
    """
    wanted = (*_ARRAYS, *_CALIBRATION)
    try:
        with safe_open(path, framework="numpy") as file:
            slices = {name: file.get_slice(name) for name in wanted}
            if sum(math.prod(one.get_shape()) for one in slices.values()) > _MAX_HEAD_NUMBERS:
                raise ArtifactError("damaged", "The model's file is damaged.")
            arrays = {name: file.get_tensor(name) for name in wanted}
            manifest = file.metadata() or {}
    except (SafetensorError, KeyError, ValueError) as error:
        raise ArtifactError("damaged", "The model's file is damaged.") from error
    _check_format(manifest)
    _head(arrays, manifest)


def _head(arrays: Arrays, manifest: Mapping[str, str]) -> tuple[Head, dict[str, Any]]:
    from training.heads.head import Calibration, Head

    try:
        _check_shapes(arrays, len(json.loads(manifest["concepts"])))
        head = Head(
            concepts=tuple(json.loads(manifest["concepts"])),
            fingerprint=manifest["fingerprint"],
            exclusive=json.loads(manifest["exclusive"]),
            calibration=Calibration(*(arrays[name] for name in _CALIBRATION)),
            **{name: arrays[name] for name in _ARRAYS},
        )
        return head, json.loads(manifest["metadata"])
    except (LookupError, ValueError, TypeError) as error:
        raise ArtifactError("damaged", "The model's file is damaged.") from error


def _check_shapes(arrays: Arrays, concepts: int) -> None:
    """Raise a ValueError where an array does not belong to these concepts."""
    expected = {"weights": (concepts, arrays["weights"].shape[-1]), "known": (2,)}
    for name in (*_ARRAYS, *_CALIBRATION):
        if arrays[name].shape != expected.get(name, (concepts,)):
            raise ValueError(name)


def _read(data: bytes) -> tuple[Arrays, dict[str, str]]:
    try:
        arrays = load(data)
        manifest = _manifest(data)
    except (SafetensorError, KeyError, ValueError) as error:
        raise ArtifactError("damaged", "The model's file is damaged.") from error
    _check_format(manifest)
    return arrays, manifest


def _check_format(manifest: Mapping[str, str]) -> None:
    if (manifest.get("format"), manifest.get("version")) != ("pupil-head", FORMAT_VERSION):
        raise ArtifactError("unknown_format", "This model was written by another version.")


def _manifest(data: bytes) -> dict[str, str]:
    """Read the header's strings, which safetensors only offers for files.

    Source: the format's description at https://github.com/huggingface/safetensors#format.
    """
    length = int.from_bytes(data[:8], "little")
    manifest: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return manifest
