"""Runs methods over draws and gathers figures."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.background import Background
from training.benchmark.datasets import DataSet, Rows, draws
from training.benchmark.methods import Method, Outcome, Task
from training.estimates import calibration_error
from training.evaluate import average_precision

Figures = dict[str, float]


@dataclass
class Results:
    """Figures by set, method and shots, one entry per draw."""

    draws: dict[tuple[str, str, int], list[Figures]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def mean(self, data: str, method: str, shots: int, figure: str) -> float | None:
        """Average a figure over draws; None where there is none."""
        found = [f[figure] for f in self.draws.get((data, method, shots), []) if figure in f]
        return float(np.mean(found)) if found else None

    def standard_error(self, data: str, method: str, shots: int, figure: str) -> float | None:
        """Estimate how far the mean over draws may be off."""
        found = [f[figure] for f in self.draws.get((data, method, shots), []) if figure in f]
        return float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else None

    def over_sets(self, method: str, shots: int, figure: str) -> float | None:
        """Average a figure over the sets that have it."""
        sets = dict.fromkeys(data for data, _, _ in self.draws)
        means = [self.mean(data, method, shots, figure) for data in sets]
        found = [mean for mean in means if mean is not None]
        return float(np.mean(found)) if found else None

    def to_dict(self, methods: Sequence[str], shots: Sequence[int]) -> dict[str, Any]:
        """JSON-able: the headline by method and shots, then every figure by set."""
        sets = list(dict.fromkeys(data for data, _, _ in self.draws))
        names = sorted({name for figures in self.draws.values() for f in figures for name in f})
        headline = {
            m: {str(k): v for k in shots if (v := self.over_sets(m, k, "accuracy")) is not None}
            for m in methods
        }
        by_set = {
            data: {
                m: {
                    str(k): {
                        name: {
                            "mean": self.mean(data, m, k, name),
                            "standard_error": self.standard_error(data, m, k, name),
                        }
                        for name in names
                        if self.mean(data, m, k, name) is not None
                    }
                    for k in shots
                    if (data, m, k) in self.draws
                }
                for m in methods
            }
            for data in sets
        }
        return {"mean": headline, "sets": by_set}


def measure(
    data: DataSet,
    methods: Mapping[str, Method],
    *,
    shots: Sequence[int],
    draw_count: int,
    background: Background,
    backbone: str,
    results: Results,
) -> None:
    """Run every method on the same draws of a set."""
    for count in shots:
        for train, test in draws(data, count, draw_count):
            task = Task(
                data.features[train],
                data.vectors[train],
                data.labels[train],
                data.features[test],
                data.vectors[test],
                data.exclusive,
                background,
                [data.paths[row] for row in train],
                [data.paths[row] for row in test],
                backbone,
                data.views_of(train),
            )
            for name, method in methods.items():
                started = time.perf_counter()
                outcome = method(task)
                seconds = time.perf_counter() - started
                figures = _judge(outcome, data.labels[test], data.exclusive) | {"seconds": seconds}
                results.draws[data.name, name, count].append(figures)


def balanced_accuracy(scores: NDArray[np.float32], labels: NDArray[np.bool_]) -> float:
    """Average over classes how often a picture's best score is its class's."""
    right = labels[np.arange(len(labels)), scores.argmax(axis=1)]
    return float(np.mean([right[column].mean() for column in labels.T if column.any()]))


def _judge(outcome: Outcome, labels: NDArray[np.bool_], exclusive: bool) -> Figures:
    if not exclusive:
        return {"mAP": _mean_average_precision(outcome, labels)}
    right = labels[np.arange(len(labels)), outcome.scores.argmax(axis=1)]
    accuracy = balanced_accuracy(outcome.scores, labels)
    figures = {"accuracy": 100 * accuracy}
    if outcome.probabilities:
        figures["ece"] = calibration_error(outcome.scores.ravel(), labels.ravel())
        figures["ece_of_best"] = calibration_error(outcome.scores.max(axis=1), right)
    if outcome.evaluation is not None and outcome.evaluation.accuracy.value is not None:
        said = outcome.evaluation.accuracy
        figures["said_accuracy"] = 100 * (said.value or 0.0)
        figures["covered"] = float((said.low or 0.0) <= accuracy <= (said.high or 1.0))
    return figures


def _mean_average_precision(outcome: Outcome, labels: NDArray[np.bool_]) -> float:
    shown = [c for c in range(labels.shape[1]) if labels[:, c].any()]
    precisions = [average_precision(outcome.scores[:, c], labels[:, c]) for c in shown]
    return 100 * float(np.mean(precisions))


def rows_of(labels: NDArray[np.bool_], concept: int, rows: Rows) -> Rows:
    """Keep the rows that show a concept."""
    return np.asarray(rows[labels[rows, concept]])
