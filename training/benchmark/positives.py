"""The positives-only case: a concept from a few pictures and nothing else."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.background import Background
from training.benchmark.datasets import DataSet, draws
from training.benchmark.measure import Results, rows_of
from training.heads import TrainingSet, fit

Floats = NDArray[np.float32]

NAME = "pupil, positives only"


def measure_positives(
    data: DataSet,
    *,
    shots: Sequence[int],
    draw_count: int,
    background: Background,
    others: Floats,
    results: Results,
) -> None:
    """Teach each concept alone and test it on its own, on others' and on unrelated pictures.

    Args:
        data: one concept per picture.
        shots: numbers of positives.
        draw_count: draws per number.
        background: must not hold ``others``.
        others: ``(B, D)`` vectors of unrelated pictures.
        results: gets the figures.
    """
    for count in shots:
        for train, test in draws(data, count, draw_count):
            for concept in range(data.labels.shape[1]):
                seen = rows_of(data.labels, concept, train)
                own = rows_of(data.labels, concept, test)
                rest = test[~data.labels[test, concept]]
                ones = np.ones((len(seen), 1), np.int8)
                known = TrainingSet(data.vectors[seen], ones, ["it"], views=data.views_of(seen))
                head = fit(known, background=background).head
                found, unrelated, other = (
                    head.probabilities(vectors)
                    for vectors in (data.vectors[own], others, data.vectors[rest])
                )
                results.draws[data.name, NAME, count].append(
                    {
                        "auroc": _auroc(found[:, 0], unrelated[:, 0]),
                        "recall": float(head.present(found).mean()),
                        "false_positives": float(head.present(unrelated).mean()),
                        "other_subjects": float(head.present(other).mean()),
                    }
                )


def _auroc(positive: Floats, negative: Floats) -> float:
    above = (positive[:, None] > negative).mean()
    equal = (positive[:, None] == negative).mean()
    return float(above + equal / 2)
