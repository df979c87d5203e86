"""Folders of pictures as labelled feature sets, and few-shot draws from them."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.embed import Embedder
from training.errors import ImageError
from training.images import decode
from training.views import embed_views, views_min_side

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

_BATCH = 32


@dataclass(frozen=True)
class DataSet:
    """Pictures of one folder as features.

    Attributes:
        name: the folder's.
        features: ``(N, F)`` raw pooled features, all branches side by side.
        vectors: ``(N, D)`` what Pupil stores.
        views: ``(N, V, D)`` of its closer views, where asked for; NaN for test pictures.
        labels: ``(N, C)`` bool.
        concepts: the C names.
        split: ``(N,)`` of ``train``, ``test``, or empty where draws split by themselves.
        paths: N of them.
    """

    name: str
    features: Floats
    vectors: Floats
    views: Floats | None
    labels: NDArray[np.bool_]
    concepts: list[str]
    split: NDArray[np.str_]
    paths: list[Path]

    def views_of(self, rows: Rows) -> Floats | None:
        """Pick the views of some pictures, where there are any."""
        return None if self.views is None else self.views[rows]

    @property
    def exclusive(self) -> bool:
        """Whether every picture shows one concept."""
        return bool((self.labels.sum(axis=1) == 1).all())


@dataclass(frozen=True)
class Entry:
    """A picture before it is read."""

    path: Path
    concepts: frozenset[str]
    split: str = ""


def load_dataset(
    folder: Path, embedder: Embedder, cache_dir: Path | None, *, with_views: bool = False
) -> DataSet:
    """Read ``class/*``, ``{train,test}/class/*`` or ``labels.csv``; unreadable files are left out.

    Raises:
        ValueError: the folder holds none of these.
    """
    entries = _entries(folder)
    if not entries:
        raise ValueError(f"{folder} holds no folder per class and no labels.csv")
    branches, readable = pooled_features([e.path for e in entries], embedder, cache_dir)
    kept = [entry for entry, ok in zip(entries, readable, strict=True) if ok]
    concepts = sorted(set().union(*(entry.concepts for entry in kept)))
    return DataSet(
        name=folder.name,
        features=np.concatenate(branches, axis=1),
        vectors=embedder.background.vectors(branches),
        views=_views(kept, embedder, cache_dir) if with_views else None,
        labels=np.array([[c in entry.concepts for c in concepts] for entry in kept]),
        concepts=concepts,
        split=np.array([entry.split for entry in kept]),
        paths=[entry.path for entry in kept],
    )


def pooled_features(
    paths: list[Path], embedder: Embedder, cache_dir: Path | None
) -> tuple[list[Floats], list[bool]]:
    """Pool features of picture files per branch, and tell which files could be read."""
    cached = _place(paths, embedder, cache_dir, "")
    if cached and cached.exists():
        with np.load(cached) as arrays:
            count = len(embedder.spec.branches)
            return [arrays[str(i)] for i in range(count)], [bool(ok) for ok in arrays["readable"]]
    readable: list[bool] = []
    batches: list[list[Floats]] = []
    for start in range(0, len(paths), _BATCH):
        images = []
        for path in paths[start : start + _BATCH]:
            try:
                with path.open("rb") as file:
                    images.append(decode(file, min_side=embedder.min_side))
                readable.append(True)
            except ImageError:
                readable.append(False)
        if images:
            batches.append(embedder.features(images))
    branches = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
    if cached:
        cached.parent.mkdir(parents=True, exist_ok=True)
        arrays_out: dict[str, Any] = {str(i): branch for i, branch in enumerate(branches)}
        np.savez(cached, **arrays_out, readable=np.array(readable))
    return branches, readable


def _views(entries: list[Entry], embedder: Embedder, cache_dir: Path | None) -> Floats:
    """Embed the views of all pictures that may be taught."""
    taught = [row for row, entry in enumerate(entries) if entry.split != "test"]
    cached = _place([entries[row].path for row in taught], embedder, cache_dir, "views")
    if cached and cached.exists():
        found = np.load(cached)["views"]
    else:
        found = np.stack([_views_of(entries[row].path, embedder) for row in taught])
        if cached:
            np.savez(cached, views=found)
    views = np.full((len(entries), *found.shape[1:]), np.nan, np.float32)
    views[taught] = found
    return views


def _views_of(path: Path, embedder: Embedder) -> Floats:
    with path.open("rb") as file:
        image = decode(file, min_side=views_min_side(embedder))
    return embed_views(embedder, {path: image})[path]


def _place(paths: list[Path], embedder: Embedder, cache_dir: Path | None, of: str) -> Path | None:
    if not cache_dir:
        return None
    identity = "\n".join(map(str, [embedder.fingerprint, *paths]))
    return cache_dir / f"{hashlib.sha256(identity.encode()).hexdigest()[:16]}{of}.npz"


def draws(data: DataSet, shots: int, count: int) -> Iterator[tuple[Rows, Rows]]:
    """Draw training and test rows: ``shots`` positives of every class, tested on the rest.

    Sets with a split of their own are drawn from its train part and tested on its test part.
    Nothing is drawn where a class would have nothing to train or to test on.
    """
    random = np.random.default_rng(shots)
    has_split = (data.split == "test").any()
    pool = data.split == "train" if has_split else np.ones(len(data.split), bool)
    spare = 0 if has_split else 1
    if data.labels[pool].sum(axis=0).min() < shots + spare:
        return
    for _ in range(count):
        chosen = np.zeros(len(pool), bool)
        for concept in range(data.labels.shape[1]):
            candidates = np.flatnonzero(pool & data.labels[:, concept])
            chosen[random.permutation(candidates)[:shots]] = True
        test = data.split == "test" if has_split else ~chosen
        yield np.flatnonzero(chosen), np.flatnonzero(test)


def _entries(folder: Path) -> list[Entry]:
    if (folder / "labels.csv").exists():
        return _from_csv(folder)
    parts = [part for part in ("train", "test") if (folder / part).is_dir()]
    roots = [(folder / part, part) for part in parts] or [(folder, "")]
    return [
        Entry(path, frozenset([path.parent.name]), part)
        for root, part in roots
        for path in sorted(root.glob("*/*"))
        if path.is_file()
    ]


def _from_csv(folder: Path) -> list[Entry]:
    with (folder / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    images = folder / "images" if (folder / "images").is_dir() else folder
    return [
        Entry(images / row["file"], frozenset(row["concepts"].split("|")), row.get("split", ""))
        for row in rows
    ]
