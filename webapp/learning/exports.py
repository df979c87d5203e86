"""Versions as ONNX files: written by a child, tried by ONNX Runtime against the app itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import default_storage

from webapp import learning
from webapp.errors import PupilError
from webapp.learning.backgrounds import background_dir
from webapp.learning.heads import load_refined

if TYPE_CHECKING:
    from training.embed import Embedder
    from training.heads import Head

_TIMEOUT_SECONDS = 600


def write_onnx(
    artifact: str,
    path: Path,
    *,
    backbone: str,
    thresholds: Sequence[float],
    metadata: Mapping[str, str],
) -> None:
    """Write a version as an ONNX file.

    Args:
        artifact: the version's, by its storage name.
        path: where to; a file beside it is used on the way.
        backbone: its name.
        thresholds: those that count.
        metadata: kept in the file.

    Raises:
        PupilError: it could not be written.
    """
    from safetensors.numpy import save_file

    from training.children import ChildError, run_module

    files = [path.with_suffix(".safetensors"), path]
    with default_storage.open(artifact) as file:
        files[0].write_bytes(file.read())
    if refined := load_refined(artifact):
        files.append(path.with_suffix(".refined"))
        save_file(refined, files[-1])
    asked = {
        "backbone": backbone,
        "background_dir": str(background_dir(backbone)),
        "sides": _sides(),
        "thresholds": list(thresholds),
        "metadata": dict(metadata),
    }
    try:
        run_module(
            "training.export.onnx_file",
            *map(str, files),
            told=json.dumps(asked),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
    except TimeoutError as error:
        raise PupilError("Writing the file took too long.", code="export_failed") from error
    except ChildError as error:
        raise PupilError(f"The file could not be written: {error}", code="export_failed") from error


def compare(
    path: Path, head: Head, embedder: Embedder, files: Iterable[IO[bytes]]
) -> dict[str, Any]:
    """Ask an ONNX file and the app about the same pictures.

    Args:
        path: of the file.
        head: the version's, with the thresholds that count.
        embedder: the version's.
        files: pictures; those that can't be read are left out.

    Returns:
        The parity on equal pixels, which decides, under it `by_runner`, that of the program shown
        beside the file, which reads the pictures itself, and `holds`.
    """
    import numpy as np

    from training.export.parity import OnnxFile, Parity
    from training.export.run_onnx import pixels

    ask = OnnxFile(path, threads=settings.LEARNING_THREADS or None)
    equal, by_runner = Parity(), Parity()
    for file in files:
        try:
            picture = learning.decode(file)
        except PupilError:
            continue
        said = head.probabilities(embedder.embed({0: picture})[0][None])
        app = said[0], head.present(said)[0]
        equal.add(*app, *ask(np.asarray(picture)))
        file.seek(0)
        by_runner.add(*app, *ask(pixels(file, *_sides())))
    return {**equal.to_dict(), "by_runner": by_runner.to_dict(), "holds": equal.holds}


def _sides() -> tuple[int, int]:
    """What decoding keeps of a picture's short and long side."""
    return learning.embedder().min_side, learning.LONG_SIDE


def runner() -> str:
    """Return the program that is shown beside an exported file."""
    return (settings.BASE_DIR / "training" / "export" / "run_onnx.py").read_text()
