"""Networks converted to OpenVINO's form, once, and kept in a folder.

Converting needs torch and half a gigabyte that a process never gives back, so a child does it, and
of several workers that start at once only the first.
"""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock

from training.backbones import Branch, branch_digest
from training.children import ChildError, run_module
from training.errors import BackboneError


def converted(branch: Branch, cache_dir: Path) -> Path:
    """Return where a branch's converted network is, converting it first where it is new.

    Raises:
        BackboneError: it can't be converted.
    """
    import openvino

    folder = cache_dir / f"{branch_digest(branch)}-openvino-{openvino.__version__[:8]}"
    cache_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(cache_dir / "converting.lock"):
        if not folder.exists():
            _convert_in_child(branch, folder)
    return folder / "model.xml"


def convert(branch: Branch) -> Any:
    """Convert a branch's network in this process."""
    import openvino
    import torch

    from training.networks import build_network

    size = branch.size
    example = torch.zeros(2, size, size, 3, dtype=torch.uint8)
    model = openvino.convert_model(build_network(branch), example_input=example)
    model.reshape([-1, size, size, 3])
    return model


def _convert_in_child(branch: Branch, folder: Path) -> None:
    try:
        run_module("training.conversion", json.dumps(asdict(branch)), str(folder))
    except ChildError as error:
        raise BackboneError("conversion_failed", f"{branch.architecture}: {error}") from error


def _save(branch: Branch, folder: Path) -> None:
    """Write beside the place and move there, so that no crash leaves half a model."""
    import openvino

    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        openvino.save_model(convert(branch), made / "model.xml", compress_to_fp16=False)
        made.rename(folder)


if __name__ == "__main__":
    _save(Branch(**json.loads(sys.argv[1])), Path(sys.argv[2]))
