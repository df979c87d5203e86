"""Write a version as an ONNX file.

It needs torch and half a gigabyte that a process never gives back, so the app has a child do it:
``python -m training.export.onnx_file ARTIFACT OUT [REFINED]``, the rest as JSON on standard input.
"""

import json
import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.numpy import load_file

from training.artifacts import Arrays, loads
from training.backbones import BackboneSpec, get_spec
from training.background import load_background
from training.embed import refined_fingerprint
from training.errors import ArtifactError
from training.export.graph import Pipeline
from training.export.resizing import FILTERS
from training.heads import Head
from training.networks import build_network

OPSET = 17
INPUT, OUTPUTS = "pixels", ["probabilities", "present"]
_EXAMPLE = (300, 400, 3)


def write(
    head: Head,
    path: Path,
    *,
    spec: BackboneSpec,
    refined: Arrays | None = None,
    sides: tuple[int, int],
    metadata: Mapping[str, str],
) -> None:
    """Write a head, and the networks before it, to a file.

    Args:
        head: of the version.
        path: where to.
        spec: the backbone that the head was fitted on.
        refined: weights of the first network, where it was tuned; as `networks.build_network`.
        sides: what the app's decoder keeps of the short and of the long side, in pixels.
        metadata: kept in the file beside names and thresholds.

    Raises:
        ArtifactError: the head was fitted on another backbone, or it scales pictures by a filter
            that the graph does not know.
    """
    fingerprint = refined_fingerprint(spec.fingerprint, refined) if refined else spec.fingerprint
    if head.fingerprint != fingerprint:
        raise ArtifactError("other_backbone", "This version was trained on another backbone.")
    if unknown := {branch.interpolation for branch in spec.branches} - FILTERS.keys():
        raise ArtifactError("unknown_filter", f"Pictures can't be scaled by {unknown} in a file.")
    networks = [build_network(branch) for branch in spec.branches[1:]]
    networks.insert(0, build_network(spec.branches[0], refined))
    background = load_background(spec.name, spec.background_dir)
    pipeline = Pipeline(head, spec, networks, background, sides=sides).eval()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of the tracer, about sizes: they stay variables here
        torch.onnx.export(
            pipeline,
            (torch.zeros(_EXAMPLE, dtype=torch.uint8),),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=OUTPUTS,
            dynamic_axes={INPUT: {0: "height", 1: "width"}},
        )
    _describe(path, _about(head, sides) | dict(metadata))


def _about(head: Head, sides: tuple[int, int]) -> dict[str, str]:
    return {
        "concepts": json.dumps(head.concepts, ensure_ascii=False),
        "thresholds": json.dumps([round(float(value), 6) for value in head.thresholds]),
        "exclusive": json.dumps(head.exclusive),
        "fingerprint": head.fingerprint,
        "sides": json.dumps(sides),
    }


def _describe(path: Path, metadata: Mapping[str, str]) -> None:
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _main() -> None:
    artifact, out, *refined = map(Path, sys.argv[1:])
    asked = json.load(sys.stdin)
    head, _ = loads(artifact.read_bytes())
    write(
        replace(head, thresholds=np.asarray(asked["thresholds"], np.float32)),
        out,
        refined=load_file(refined[0]) if refined else None,
        spec=get_spec(asked["backbone"], Path(asked["background_dir"])),
        sides=tuple(asked["sides"]),
        metadata=asked["metadata"],
    )


if __name__ == "__main__":
    _main()
