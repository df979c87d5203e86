"""The fit: vectors and labels in, head and honest figures out."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.background import Background
from training.evaluate import Evaluation, evaluate
from training.heads.calibration import best_f1_threshold, fit_platt
from training.heads.head import Head, calibrated
from training.heads.ridge import fit_ridge
from training.heads.training_set import TrainingSet

Doubles = NDArray[np.float64]

# All background pictures together weigh as much as this many labelled ones.
_BANK_WEIGHT = 5.0


@dataclass(frozen=True)
class FitResult:
    """A head, what is known of how good it is, and how long both took."""

    head: Head
    evaluation: Evaluation
    seconds: float


def fit(training_set: TrainingSet, *, background: Background, exclusive: bool = False) -> FitResult:
    """Fit a head and evaluate it by leave-one-out.

    Args:
        training_set: labelled vectors.
        background: of the same backbone; its bank is the negative side where nobody gave one.
        exclusive: whether a picture shows one concept at most.

    Raises:
        LearningError: the parts do not fit together.
    """
    started = time.perf_counter()
    targets = training_set.targets
    known = targets.any(axis=1)
    images, bank = int(known.sum()), len(background.bank)
    rows = np.concatenate([training_set.vectors[known], background.bank]).astype(np.float64)
    rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    row_weights = np.concatenate([np.ones(images), np.full(bank, _BANK_WEIGHT / max(bank, 1))])
    wanted = np.concatenate([targets[known], np.full((bank, targets.shape[1]), -1)]).astype(float)
    ridge = fit_ridge(rows, wanted, row_weights, _groups(training_set, known, bank))

    slope, offset, thresholds = [], [], []
    for column in range(targets.shape[1]):
        said = wanted[:, column] != 0
        scores, positive = ridge.left_out[said, column], wanted[said, column] > 0
        a, b = fit_platt(scores, positive, row_weights[said])
        probabilities = 1 / (1 + np.exp(-a * scores - b))
        slope.append(a)
        offset.append(b)
        thresholds.append(best_f1_threshold(probabilities, positive, row_weights[said]))
    head = Head(
        concepts=tuple(training_set.concepts),
        fingerprint=training_set.fingerprint,
        weights=np.ascontiguousarray(ridge.weights[:, :-1], np.float32),
        bias=ridge.weights[:, -1].astype(np.float32),
        slope=np.array(slope, np.float32),
        offset=np.array(offset, np.float32),
        thresholds=np.array(thresholds, np.float32),
        exclusive=exclusive,
    )
    left_out = ridge.left_out[:images].astype(np.float32)
    evaluation = evaluate(
        concepts=head.concepts,
        targets=targets[known],
        probabilities=calibrated(left_out, head.slope, head.offset, exclusive=exclusive),
        thresholds=head.thresholds,
        image_ids=[i for i, k in zip(_ids(training_set), known, strict=True) if k],
    )
    return FitResult(head, evaluation, time.perf_counter() - started)


def _ids(training_set: TrainingSet) -> Sequence[Hashable]:
    return training_set.image_ids or range(len(training_set.vectors))


def _groups(
    training_set: TrainingSet, known: NDArray[np.bool_], bank: int
) -> NDArray[np.intp] | None:
    if training_set.groups is None:
        return None
    numbers: dict[Hashable, int] = {}
    groups = [numbers.setdefault(group, len(numbers)) for group in training_set.groups]
    own = len(numbers) + np.arange(bank)
    return np.concatenate([np.array(groups, np.intp)[known], own])
