"""An optional second step: tune the network itself, and keep that only if it proves better."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.backbones import BackboneSpec
from training.background import Background
from training.engines import choose_engine
from training.errors import LearningError
from training.finetune import Stages
from training.heads import FitResult, TrainingSet, fit

Floats = NDArray[np.float32]

_FOLDS = 3
# Better by less than this is not worth a model of its own.
_LEAST_GAIN = 0.01
# Of each, some 0.4 MB of what the frozen part gives is held in memory.
_MOST_PICTURES = 1000


@dataclass(frozen=True)
class RefineResult:
    """What came of refining.

    Attributes:
        kept: whether cross-validation found the refined model better.
        accuracy_before: balanced accuracy of the head alone, cross-validated.
        accuracy_after: of head and refined network, on the same folds.
        seconds: that it took.
        stopped: whether it ended early; nothing is kept then.
        fitted: the head on refined vectors, where kept.
        weights: of the refined stages, where kept; safetensors-able.
    """

    kept: bool
    accuracy_before: float | None
    accuracy_after: float | None
    seconds: float
    stopped: bool = False
    fitted: FitResult | None = None
    weights: dict[str, NDArray[Any]] = field(default_factory=dict)


class Stopped(Exception):  # noqa: N818  # a signal, not an error
    """Refining was told to stop, or its time is over."""


def refine(
    images: Sequence[Image.Image],
    training_set: TrainingSet,
    *,
    spec: BackboneSpec,
    background: Background,
    progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
    max_seconds: float = 600.0,
) -> RefineResult:
    """Tune the last stages of a backbone's first network on labelled pictures.

    Args:
        images: upright RGB, one per row of the training set.
        training_set: every image must show a concept; the vectors are those before refining. With
            its views, if any, only the head that refining is measured against is fitted.
        spec: the backbone that made the vectors; its first network an EfficientNet.
        background: of the same backbone.
        progress: told the share that is done, from 0 to 1.
        should_stop: asked between steps.
        max_seconds: it ends, with nothing kept, when this is over.

    Raises:
        LearningError: an image shows nothing, or a concept has fewer than three examples that are
            no near-duplicates.
    """
    started = time.monotonic()
    rows = _evenly(training_set.labels > 0, _MOST_PICTURES)
    training_set = training_set.at(rows)
    positive, groups = training_set.labels > 0, training_set.group_numbers
    fewest = min(len(np.unique(groups[column])) for column in positive.T)
    if not positive.any(axis=1).all() or fewest < _FOLDS:
        raise LearningError(
            "too_few_examples",
            "Refining needs three examples of every concept; near-duplicates count as one.",
        )

    def over() -> bool:
        return should_stop() or time.monotonic() - started > max_seconds

    def check(share: float) -> None:
        if over():
            raise Stopped
        progress(share)

    try:
        run = _Run(_Some(images, rows), training_set, spec, background, over, check)
        before, after = run.cross_validate()
        result = RefineResult(after >= before + _LEAST_GAIN, before, after, 0.0)
        if result.kept:
            fitted, weights = run.final()
            result = RefineResult(True, before, after, 0.0, fitted=fitted, weights=weights)
        check(1.0)
    except Stopped:
        result = RefineResult(False, None, None, 0.0, stopped=True)
    return RefineResult(**(vars(result) | {"seconds": time.monotonic() - started}))


class _Some(Sequence[Image.Image]):
    """Some pictures of a sequence, which may decode each when it is asked for."""

    def __init__(self, images: Sequence[Image.Image], rows: Sequence[int]) -> None:
        self._images, self._rows = images, rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Image.Image: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Image.Image]: ...

    def __getitem__(self, index: int | slice) -> Image.Image | Sequence[Image.Image]:
        if isinstance(index, slice):
            return _Some(self._images, self._rows[index])
        return self._images[self._rows[index]]


class _Run:
    def __init__(
        self,
        images: Sequence[Image.Image],
        training_set: TrainingSet,
        spec: BackboneSpec,
        background: Background,
        over: Callable[[], bool],
        check: Callable[[float], None],
    ) -> None:
        self._data = training_set
        self._labels = training_set.labels > 0
        self._background = background
        self._over, self._check = over, check
        check(0.0)
        self._stages = Stages(spec.branches[0])
        cached = []
        for index, image in enumerate(images):
            cached.append(self._stages.cache([image]))
            check(0.2 * (index + 1) / len(images))
        self._cached = _joined(cached)
        self._others = [_embedded(images, spec, index) for index in range(1, len(spec.branches))]

    def cross_validate(self) -> tuple[float, float]:
        """Score every picture by models that did not see it: before and after refining."""
        fold_of = folds(self._labels, self._data.group_numbers)
        scores = np.zeros((2, *self._labels.shape), np.float32)
        plain = self._vectors()
        for fold in range(_FOLDS):
            out = fold_of == fold
            with self._stages.tuned(self._cached[~out], self._labels[~out], self._over):
                refined = self._vectors()
            for which, (vectors, views) in enumerate(((plain, self._data.views), (refined, None))):
                head = self._fit(vectors, ~out, views).head
                scores[which, out] = head.probabilities(vectors[out])
            self._check(0.2 + 0.6 * (fold + 1) / _FOLDS)
        before, after = (_balanced_accuracy(s, self._labels) for s in scores)
        return before, after

    def final(self) -> tuple[FitResult, dict[str, NDArray[Any]]]:
        """Refine on everything."""
        everything = np.ones(len(self._labels), bool)
        with self._stages.tuned(self._cached, self._labels, self._over):
            self._check(0.95)
            return self._fit(self._vectors(), everything), self._stages.weights()

    def _vectors(self) -> Floats:
        return self._background.vectors([self._stages.features(self._cached), *self._others])

    def _fit(
        self, vectors: Floats, rows: NDArray[np.bool_], views: Floats | None = None
    ) -> FitResult:
        data = replace(self._data, vectors=vectors, views=views).at(np.flatnonzero(rows))
        return fit(data, background=self._background)


def _joined(parts: list[Any]) -> Any:
    import torch

    return torch.cat(parts)


def _embedded(images: Sequence[Image.Image], spec: BackboneSpec, index: int) -> Floats:
    """Pool the features of a branch that is not refined."""
    from training.embed import view

    branch = spec.branches[index]
    engine = choose_engine(branch)
    return np.concatenate([engine.features(view(image, branch)[None]) for image in images])


def _evenly(positive: NDArray[np.bool_], most: int) -> list[int]:
    """Choose at most so many rows, as many of each concept as of any other where there are."""
    concept = positive.argmax(axis=1)
    rank = np.empty(len(concept), np.intp)
    for c in np.unique(concept):
        rank[concept == c] = np.arange((concept == c).sum())
    return sorted(np.argsort(rank, kind="stable")[:most].tolist())


def folds(labels: NDArray[np.bool_], groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Deal each concept's pictures evenly into folds ``(N,)``; no group is divided.

    Args:
        labels: ``(N, C)``.
        groups: ``(N,)`` numbers below N.
    """
    concept = labels.argmax(axis=1)
    # A group of several concepts is dealt with its first picture's.
    _, leader, of_group = np.unique(groups, return_index=True, return_inverse=True)
    fold_of_group = np.empty(len(leader), np.intp)
    for c in np.unique(concept[leader]):
        mine = np.flatnonzero(concept[leader] == c)
        fold_of_group[mine] = np.arange(len(mine)) % _FOLDS
    return fold_of_group[of_group]


def _balanced_accuracy(scores: Floats, labels: NDArray[np.bool_]) -> float:
    right = labels[np.arange(len(labels)), scores.argmax(axis=1)]
    concept = labels.argmax(axis=1)
    return float(np.mean([right[concept == c].mean() for c in np.unique(concept)]))
