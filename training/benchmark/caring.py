"""Measures care for the examples: wrong labels, their mending, clusters, what teaches most."""

import argparse
import json
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from training.backbones import DEFAULT_BACKBONE
from training.background import Background, unit
from training.benchmark.datasets import DataSet, load_dataset
from training.care.clusters import cluster
from training.care.teach_most import teach_most
from training.care.wrong_labels import Examination
from training.embed import Embedder
from training.heads import TrainingSet, fit
from training.ridge import solve_ridge

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

_FLIPPED = 0.1
_PER_CONCEPT = 20
_CLUSTERS = 60
_STEP, _STEPS = 10, 15
_LOOSE_MARGIN = 0.3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's arguments."""
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders per class")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--cache", type=Path, help="keeps features between runs")
    parser.add_argument("--json", type=Path, help="write all figures here")


def run(options: argparse.Namespace) -> None:
    """Measure, print tables, write JSON."""
    embedder = Embedder.load(options.backbone, cache_dir=options.cache)
    figures: dict[str, Any] = {}
    shares = []
    for folder in options.data:
        data = load_dataset(folder, embedder, options.cache)
        if not data.exclusive:
            continue
        ours = figures[data.name] = {"clusters": measure_clusters(data)}
        if data.labels.sum(axis=0).min() > _PER_CONCEPT:
            ours["wrong labels"] = measure_flips(data, embedder.background, options.draws)
        ours["teach most"] = measure_teaching(data, options.draws)
        shares.append(ours["teach most"]["labels of random's"])
        _print(data.name, ours)
    figures["labels of random's, mean of sets"] = float(np.mean(shares))
    print(f"labels of random's, mean of sets: {np.mean(shares):.3f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def measure_flips(data: DataSet, background: Background, draws: int) -> dict[str, Any]:
    """Flip a tenth of the labels, and see who finds them and what mending brings back."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    accuracies: dict[str, list[float]] = defaultdict(list)
    for seed in range(draws):
        rows, rest, true, given, flipped = _flipped(data, seed)
        lists = _lists(data.vectors[rows], given, background)
        for name, listed in lists.items():
            hits = float((listed & flipped).sum())
            found[name].append((hits / flipped.sum(), hits / max(1, listed.sum())))
        variants = {"clean": true, "flipped": given}
        variants["mended blindly"] = _mended(data.vectors[rows], given, None)
        checked = given
        for name in ("one list", "lists of two trainings"):
            checked = _mended(data.vectors[rows], checked, true)
            variants[f"mended by who looks, {name}"] = checked
        for name, labels in variants.items():
            accuracies[name].append(_accuracy(data, rows, rest, labels, background))
    means = {name: float(np.mean(values)) for name, values in accuracies.items()}
    lost = means["clean"] - means["flipped"]
    return {
        "found": {n: float(np.mean([f for f, _ in v])) for n, v in found.items()},
        "precision": {n: float(np.mean([p for _, p in v])) for n, v in found.items()},
        "accuracy": means,
        "brought back": {
            name: (mean - means["flipped"]) / lost
            for name, mean in means.items()
            if name.startswith("mended")
        },
    }


def _mended(vectors: Floats, given: Rows, true: Rows | None) -> Rows:
    """Mend what the list names: as it suggests or, where a person looks, as it is."""
    mended = given.copy()
    for suspect in _examination(vectors, given).wrong_labels():
        mended[suspect.row] = (suspect.suggested or 0) if true is None else true[suspect.row]
    return mended


def _flipped(data: DataSet, seed: int) -> tuple[Rows, Rows, Rows, Rows, NDArray[np.bool_]]:
    random = np.random.default_rng(seed)
    concept = data.labels.argmax(axis=1)
    concepts = data.labels.shape[1]
    rows = np.concatenate(
        [random.permutation(np.flatnonzero(concept == c))[:_PER_CONCEPT] for c in range(concepts)]
    )
    true = concept[rows]
    given = true.copy()
    flips = random.permutation(len(rows))[: round(_FLIPPED * len(rows))]
    for row in flips:
        given[row] = random.choice([c for c in range(concepts) if c != true[row]])
    rest = np.setdiff1d(np.arange(len(concept)), rows)
    return rows, rest, true, given, np.isin(np.arange(len(rows)), flips)


def _lists(vectors: Floats, given: Rows, background: Background) -> dict[str, NDArray[np.bool_]]:
    """List suspicious rows by Pupil, by cleanlab, and by plain margins."""
    from cleanlab.filter import find_label_issues

    examination = _examination(vectors, given)
    rows = np.arange(len(given))
    ours = np.isin(rows, [suspect.row for suspect in examination.wrong_labels()])
    left_out = _fit(vectors, given, background).left_out.astype(np.float64) + 1e-6
    left_out /= left_out.sum(axis=1, keepdims=True)
    own = left_out[rows, given]
    others = left_out.copy()
    others[rows, given] = 0.0
    lists = {
        "Pupil": ours,
        "leave-one-out margin > 0": others.max(axis=1) > own,
        f"leave-one-out margin > {_LOOSE_MARGIN}": others.max(axis=1) - own > _LOOSE_MARGIN,
    }
    same_scores = softmax(5.0 * examination.scores, axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for method in ("low_self_confidence", "prune_by_noise_rate", "confident_learning"):
            lists[f"cleanlab, {method}"] = find_label_issues(
                given, left_out, filter_by=method, n_jobs=1
            )
            lists[f"cleanlab, {method}, same scores"] = find_label_issues(
                given, same_scores, filter_by=method, n_jobs=1
            )
    return lists


def measure_clusters(data: DataSet) -> dict[str, float]:
    """Name each cluster by what most of it shows, and count the pictures that are right."""
    from sklearn.cluster import KMeans

    rows = np.flatnonzero(data.split != "test")
    concept = data.labels[rows].argmax(axis=1)
    raw = unit(data.features[rows])
    count = min(_CLUSTERS, len(rows))
    return {
        "Pupil": _rightly_named(cluster(data.vectors[rows], count), concept),
        "k-means on raw features": _rightly_named(
            KMeans(count, n_init=1, random_state=0).fit_predict(raw), concept
        ),
    }


def measure_teaching(data: DataSet, draws: int) -> dict[str, Any]:
    """Label ten at a time, at random and as taught most, and compare at the same accuracy."""
    curves = {
        name: np.mean([_curve(data, pick, seed) for seed in range(draws)], axis=0)
        for name, pick in (("random", _random_pick), ("Pupil", _taught_pick))
    }
    labels = _STEP * np.arange(1, len(curves["random"]) + 1)
    ours = np.maximum.accumulate(curves["Pupil"])
    goals = np.maximum.accumulate(curves["random"])
    needed = np.interp(goals, ours, labels)
    later = labels >= 2 * _STEP  # the first ten are chosen before anything is known
    return {
        "accuracy, random": {f"{n} labels": float(a) for n, a in zip(labels, goals, strict=True)},
        "accuracy, Pupil": {f"{n} labels": float(a) for n, a in zip(labels, ours, strict=True)},
        "labels of random's": float((needed / labels)[later].mean()),
    }


Pick = Callable[[Floats, Floats, Floats | None, np.random.Generator], Rows]


def _random_pick(known: Floats, pool: Floats, said: Floats | None, random: Any) -> Rows:
    return np.asarray(random.permutation(len(pool))[:_STEP])


def _taught_pick(known: Floats, pool: Floats, said: Floats | None, random: Any) -> Rows:
    seed = int(random.integers(2**31))
    return np.array(teach_most(known, pool, said, count=_STEP, seed=seed))


def _curve(data: DataSet, pick: Pick, seed: int) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    concept = data.labels.argmax(axis=1)
    shuffled = random.permutation(len(concept))
    has_split = (data.split == "test").any()
    pool = np.flatnonzero(data.split == "train") if has_split else shuffled[::2]
    test = np.flatnonzero(data.split == "test") if has_split else shuffled[1::2]
    rows = np.array([], np.intp)
    said: Floats | None = None
    curve = []
    for _ in range(min(_STEPS, len(pool) // _STEP)):
        rest = np.setdiff1d(pool, rows)
        asked = None if said is None else said[rest]
        chosen = pick(data.vectors[rows], data.vectors[rest], asked, random)
        rows = np.concatenate([rows, rest[chosen]])
        targets = 2.0 * np.eye(data.labels.shape[1])[concept[rows]] - 1
        weights = solve_ridge(data.vectors[rows].astype(np.float64), targets, 0.25)
        scores = data.vectors @ weights.T
        said = np.asarray(softmax(5.0 * scores, axis=1), np.float32)
        right = scores[test].argmax(axis=1) == concept[test]
        curve.append(np.mean([right[concept[test] == c].mean() for c in np.unique(concept[test])]))
    return np.array(curve)


def _examination(vectors: Floats, given: Rows) -> Examination:
    targets = np.where(np.eye(given.max() + 1, dtype=bool)[given], 1, -1).astype(np.int8)
    return Examination(vectors, targets)


def _fit(vectors: Floats, given: Rows, background: Background) -> Any:
    labels = np.eye(given.max() + 1, dtype=np.int8)[given]
    names = [str(c) for c in range(labels.shape[1])]
    return fit(TrainingSet(vectors, labels, names), background=background, exclusive=True)


def _accuracy(data: DataSet, rows: Rows, rest: Rows, given: Rows, background: Background) -> float:
    head = _fit(data.vectors[rows], given, background).head
    concept = data.labels[rest].argmax(axis=1)
    right = head.probabilities(data.vectors[rest]).argmax(axis=1) == concept
    return float(np.mean([right[concept == c].mean() for c in np.unique(concept)]))


def _rightly_named(numbers: NDArray[Any], concept: Rows) -> float:
    right = sum(np.bincount(concept[numbers == n]).max() for n in np.unique(numbers))
    return float(right / len(concept))


def _print(name: str, figures: dict[str, Any], indent: str = "") -> None:
    print(f"{indent}{name}")
    for figure, value in figures.items():
        if isinstance(value, dict):
            _print(figure, value, indent + "  ")
        else:
            print(f"{indent}  {figure:44s} {value:.3f}")
