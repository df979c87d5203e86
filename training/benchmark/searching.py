"""Measures search: pictures like a picture, like a part of one, and everyday words."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import DEFAULT_BACKBONE
from training.background import unit
from training.benchmark.datasets import DataSet, load_dataset, pooled_features
from training.embed import Embedder
from training.evaluate import average_precision
from training.images import decode
from training.tags.vocabulary import load_vocabulary

Floats = NDArray[np.float32]

# Fifty words for what photos show, none chosen by how well it is found.
WORDS = (
    *("dog", "bird", "cat", "fish", "snake", "monkey", "insect", "spider", "lizard", "turtle"),
    *("bear", "fox", "butterfly", "beetle", "crab", "duck", "sheep", "rabbit", "fruit"),
    *("vegetable", "food", "bread", "flower", "furniture", "table", "bed", "car", "truck", "bus"),
    *("train", "plane", "bicycle", "boat", "ship", "vehicle", "building", "house", "bridge"),
    *("clock", "bottle", "cup", "hat", "shoe", "clothing", "tool", "ball", "guitar", "phone"),
    *("computer", "beach"),
)
_COLLAGES = 100
_TOP_WORDS, _TOP_REGIONS = 5, 10
_PANEL = 320


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's arguments."""
    parser.add_argument("--data", type=Path, nargs="*", default=[], help="folders per class")
    parser.add_argument("--words", type=Path, help="pictures named by ImageNet's class: n0208….jpg")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE)
    parser.add_argument("--cache", type=Path, help="keeps features between runs")
    parser.add_argument("--rows", type=int, help="search among so many vectors in a database")
    parser.add_argument("--home", type=Path, help="keeps that database's folder")
    parser.add_argument("--json", type=Path, help="write all figures here")


def run(options: argparse.Namespace) -> None:
    """Measure, print tables, write JSON."""
    embedder = Embedder.load(options.backbone, cache_dir=options.cache)
    figures: dict[str, Any] = {}
    for folder in options.data:
        data = load_dataset(folder, embedder, options.cache)
        figures[data.name] = measure_pictures(data, embedder)
        figures[data.name]["regions"] = measure_regions(data, embedder)
        print_figures(data.name, figures[data.name])
    if options.words:
        figures["words"] = measure_words(options.words, embedder, options.cache)
        print_figures("words", figures["words"])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def measure_pictures(data: DataSet, embedder: Embedder) -> dict[str, Any]:
    """Return mean average precision of ranking training pictures by test pictures.

    Sets with no split of their own are searched by every picture among the others.
    """
    queries, pool = _split(data)
    ends = np.cumsum([branch.features for branch in embedder.spec.branches])[:-1]
    branches = np.split(data.features, ends, axis=1)
    spaces = {
        f"{branch.architecture}, raw cosine": unit(features)
        for branch, features in zip(embedder.spec.branches, branches, strict=True)
    } | {"Pupil": data.vectors}
    return {
        "mAP": {name: _mean_precision(space, data.labels, queries, pool)
                for name, space in spaces.items()}
    }  # fmt: skip


def measure_regions(data: DataSet, embedder: Embedder) -> dict[str, float]:
    """Return how often a part of a collage finds the picture it was pasted from.

    Two by two pictures, each side by side with its neighbour; the box that is searched by is
    drawn as a hand draws it, up to a tenth off. Beside it: searching by the whole collage.
    """
    random = np.random.default_rng(0)
    found = {"Pupil, by region": 0, "by the whole collage": 0}
    tried = 0
    for _ in range(_COLLAGES):
        rows = random.choice(len(data.paths), 4, replace=False)
        panels = [_panel(data.paths[row]) for row in rows]
        collage = Image.new("RGB", (2 * _PANEL, 2 * _PANEL))
        for place, panel in enumerate(panels):
            collage.paste(panel, (place % 2 * _PANEL, place // 2 * _PANEL))
        place = int(random.integers(4))
        left, top = place % 2 * _PANEL, place // 2 * _PANEL
        jitter = random.uniform(-0.1, 0.1, 4) * _PANEL
        box = np.array([left, top, left + _PANEL, top + _PANEL]) + jitter
        x, y, end_x, end_y = (int(edge) for edge in box.clip(0, 2 * _PANEL))
        part = collage.crop((x, y, end_x, end_y))
        vectors = embedder.embed({"part": part, "whole": collage})
        tried += 1
        for name, vector in (
            ("Pupil, by region", vectors["part"]),
            ("by the whole collage", vectors["whole"]),
        ):
            best = np.argsort(-(data.vectors @ vector))[:_TOP_REGIONS]
            found[name] += int(rows[place] in best)
    return {f"recall@{_TOP_REGIONS}, {name}": hits / tried for name, hits in found.items()}


def measure_words(folder: Path, embedder: Embedder, cache_dir: Path | None) -> dict[str, Any]:
    """Return the precision of the first five pictures found by everyday words.

    A picture is right where its class is a kind of what the word means. Of a word with fewer
    right pictures than five, so many are looked at. The plain baseline takes each picture's
    likeliest class, and finds it by its names alone.
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    features, readable = pooled_features(paths, embedder, cache_dir)
    vocabulary = load_vocabulary()
    classes = {tag.id: tag.classes[0] for tag in vocabulary.tags if len(tag.classes) == 1}
    kept = [path for path, ok in zip(paths, readable, strict=True) if ok]
    true = np.array([classes[int(path.name[1:9])] for path in kept])
    tags = embedder.tagger(features)
    precisions: dict[str, list[float]] = {"Pupil": [], "likeliest class by its name": []}
    for word in WORDS:
        meant = vocabulary.find(word)
        right = np.isin(true, sorted({c for tag in meant for c in tag.classes}))
        looked_at = min(_TOP_WORDS, int(right.sum()))
        if not looked_at:
            continue
        ids = {tag.id for tag in meant}
        said = [max((t.probability for t in ts if t.id in ids), default=0.0) for ts in tags]
        precisions["Pupil"].append(_precision(np.array(said), right, looked_at))
        named = [_likeliest_is_named(ts, word, classes, vocabulary.by_id) for ts in tags]
        precisions["likeliest class by its name"].append(
            _precision(np.array(named), right, looked_at)
        )
    return {
        f"precision@{_TOP_WORDS}": {name: float(np.mean(p)) for name, p in precisions.items()},
        "words": len(precisions["Pupil"]),
    }


def _likeliest_is_named(
    tags: list[Any], word: str, classes: dict[int, int], by_id: dict[int, Any]
) -> float:
    for tag in tags:
        if tag.id in classes:
            words = [name.casefold() for name in by_id[tag.id].words[:1]]
            return float(tag.probability) if any(word in name.split() for name in words) else 0.0
    return 0.0


def _precision(scores: NDArray[np.float64], right: NDArray[np.bool_], looked_at: int) -> float:
    best = np.argsort(-scores, kind="stable")[:looked_at]
    return float((right[best] & (scores[best] > 0)).sum() / looked_at)


def _split(data: DataSet) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    everything = np.arange(len(data.paths))
    if not (data.split == "test").any():
        return everything, everything
    return np.flatnonzero(data.split == "test"), np.flatnonzero(data.split == "train")


def _mean_precision(
    space: Floats, labels: NDArray[np.bool_], queries: NDArray[np.intp], pool: NDArray[np.intp]
) -> float:
    similarity = space[queries] @ space[pool].T
    precisions = []
    for row, query in enumerate(queries):
        others = pool != query
        relevant = (labels[pool] & labels[query]).any(axis=1)[others]
        if relevant.any():
            precisions.append(average_precision(similarity[row][others], relevant))
    return float(np.mean(precisions))


def _panel(path: Path) -> Image.Image:
    with path.open("rb") as file:
        image = decode(file, min_side=_PANEL)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize((_PANEL, _PANEL), box=(left, top, left + side, top + side))


def print_figures(name: str, figures: dict[str, Any], indent: str = "") -> None:
    print(f"{indent}{name}")
    for figure, value in figures.items():
        if isinstance(value, dict):
            print_figures(figure, value, indent + "  ")
        else:
            print(f"{indent}  {figure:34s} {value:.4f}")
