"""Refining against the head alone: what cross-validation says, and what is true."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import BackboneSpec
from training.background import Background
from training.benchmark.datasets import DataSet, Rows, draws
from training.benchmark.measure import Results, balanced_accuracy
from training.embed import view
from training.engines import TorchEngine
from training.heads import TrainingSet, fit
from training.images import decode
from training.refine import refine

NAME = "pupil, refined"
_BATCH = 16


def measure_refining(
    data: DataSet,
    *,
    shots: Sequence[int],
    draw_count: int,
    spec: BackboneSpec,
    background: Background,
    max_seconds: float,
    results: Results,
) -> None:
    """Refine on the draws of a set; test what was kept, and the head alone beside it."""
    for count in shots:
        for train, test in draws(data, count, draw_count):
            names = [str(concept) for concept in range(data.labels.shape[1])]
            said, views = data.labels[train].astype(np.int8), data.views_of(train)
            known = TrainingSet(data.vectors[train], said, names, views=views)
            before = fit(known, background=background).head.probabilities(data.vectors[test])
            result = refine(
                _decoded(data, train, spec),
                known,
                spec=spec,
                background=background,
                max_seconds=max_seconds,
            )
            figures = {
                "refine_kept": float(result.kept),
                "refine_stopped": float(result.stopped),
                "refine_seconds": result.seconds,
            }
            if result.accuracy_before is not None and result.accuracy_after is not None:
                figures["refine_promised"] = 100 * (result.accuracy_after - result.accuracy_before)
            if result.fitted is not None:
                vectors = _refined_vectors(data, test, spec, background, result.weights)
                after = result.fitted.head.probabilities(vectors)
                labels = data.labels[test]
                gain = balanced_accuracy(after, labels) - balanced_accuracy(before, labels)
                figures["refine_gain"] = 100 * gain
            print(f"{data.name}, {count} shots, refined: {figures}", flush=True)
            results.draws[data.name, NAME, count].append(figures)


def _decoded(data: DataSet, rows: Rows, spec: BackboneSpec) -> list[Image.Image]:
    images = []
    for row in rows:
        with data.paths[row].open("rb") as file:
            images.append(decode(file, min_side=2 * spec.branches[0].size))
    return images


def _refined_vectors(
    data: DataSet,
    rows: Rows,
    spec: BackboneSpec,
    background: Background,
    weights: dict[str, NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Embed with the refined network in the first network's place."""
    branch = spec.branches[0]
    engine = TorchEngine(branch, refined=weights)
    parts = []
    for start in range(0, len(rows), _BATCH):
        images = _decoded(data, rows[start : start + _BATCH], spec)
        parts.append(engine.features(np.stack([view(image, branch) for image in images])))
    others = np.split(data.features[rows], np.cumsum([b.features for b in spec.branches])[:-1], 1)
    return background.vectors([np.concatenate(parts), *others[1:]])
