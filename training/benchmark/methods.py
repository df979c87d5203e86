"""Pupil and its peers behind one call: fit on labelled rows, score others."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.multiclass import OneVsRestClassifier

from training.background import Background, unit
from training.evaluate import Evaluation
from training.heads import TrainingSet, fit

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What a method makes of test pictures.

    Attributes:
        scores: ``(T, C)``, the higher the likelier.
        probabilities: whether the scores are meant as probabilities.
        evaluation: what the method says of itself, where it does.
    """

    scores: Floats
    probabilities: bool = False
    evaluation: Evaluation | None = None


@dataclass(frozen=True)
class Task:
    """One draw: raw features, Pupil's vectors and files of training and test pictures."""

    features: Floats
    vectors: Floats
    labels: Bools
    test_features: Floats
    test_vectors: Floats
    exclusive: bool
    background: Background
    paths: list[Path]
    test_paths: list[Path]
    backbone: str
    views: Floats | None = None


Method = Callable[[Task], Outcome]


def pupil(task: Task) -> Outcome:
    """Fit Pupil's head as the app does: independent concepts, silence means no."""
    return _pupil(task, task.views, exclusive=False)


def pupil_without_views(task: Task) -> Outcome:
    """Fit it on what its peers get: each picture as it is."""
    return _pupil(task, None, exclusive=False)


def pupil_exclusive(task: Task) -> Outcome:
    """Fit Pupil's head where every picture shows one concept at most."""
    return _pupil(task, task.views, exclusive=True)


def _pupil(task: Task, views: Floats | None, *, exclusive: bool) -> Outcome:
    names = [str(concept) for concept in range(task.labels.shape[1])]
    result = fit(
        TrainingSet(task.vectors, task.labels.astype(np.int8), names, views=views),
        background=task.background,
        exclusive=exclusive,
    )
    return Outcome(result.head.probabilities(task.test_vectors), True, result.evaluation)


def logistic_regression(task: Task) -> Outcome:
    """Fit scikit-learn's default on raw features; its probabilities are the raw softmax."""
    return _sklearn(LogisticRegression(max_iter=1000), task)


def logistic_regression_cv(task: Task) -> Outcome:
    """Fit scikit-learn's with C by cross-validation, where every class has two examples."""
    fewest = int(task.labels.sum(axis=0).min())
    if fewest < 2:
        return logistic_regression(task)
    model = LogisticRegressionCV(
        Cs=5, cv=min(3, fewest), max_iter=500, l1_ratios=(0.0,), use_legacy_attributes=False
    )
    return _sklearn(model, task)


def _sklearn(model: LogisticRegression, task: Task) -> Outcome:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # One example per class makes it suspect a regression.
        warnings.simplefilter("ignore", UserWarning)
        if not task.exclusive:
            fitted = OneVsRestClassifier(model).fit(task.features, task.labels)
        else:
            fitted = model.fit(task.features, task.labels.argmax(axis=1))
    return Outcome(fitted.predict_proba(task.test_features).astype(np.float32), True)


def nearest_mean(task: Task) -> Outcome:
    """Score by the cosine to the mean of a class's unit features."""
    known = unit(task.features)
    means = np.stack([known[column].mean(axis=0) for column in task.labels.T])
    return Outcome(unit(task.test_features) @ unit(means).T)


def nearest_neighbour(task: Task) -> Outcome:
    """Score by the cosine to the nearest example of a class."""
    similarity = unit(task.test_features) @ unit(task.features).T
    return Outcome(np.stack([similarity[:, c].max(axis=1) for c in task.labels.T], axis=1))


def teachable_machine(task: Task) -> Outcome:
    """Train Teachable Machine's head: 100 hidden units, Adam 1e-3, 50 epochs, batches of 16.

    Source: https://github.com/googlecreativelab/teachablemachine-community (image library).
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    x = torch.from_numpy(np.asarray(task.features, np.float32))
    y = torch.from_numpy(task.labels.astype(np.float32))
    y = y / y.sum(dim=1, keepdim=True)
    head = nn.Sequential(
        nn.Linear(x.shape[1], 100), nn.ReLU(), nn.Linear(100, y.shape[1], bias=False)
    )
    optimiser = torch.optim.Adam(head.parameters(), lr=1e-3)
    for _ in range(50):
        for batch in torch.tensor_split(torch.randperm(len(x)), -(-len(x) // 16)):
            optimiser.zero_grad()
            loss: Any = nn.functional.cross_entropy(head(x[batch]), y[batch])
            loss.backward()
            optimiser.step()
    with torch.inference_mode():
        logits = head(torch.from_numpy(np.asarray(task.test_features, np.float32)))
    return Outcome(logits.softmax(dim=1).numpy(), True)


METHODS: dict[str, Method] = {
    "pupil": pupil,
    "pupil, exclusive": pupil_exclusive,
    "pupil, no views": pupil_without_views,
    "scikit-learn LR": logistic_regression,
    "nearest mean": nearest_mean,
    "1-NN": nearest_neighbour,
    "Teachable Machine head": teachable_machine,
}
