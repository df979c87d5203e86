"""The fit: vectors and labels in, head and honest figures out."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.background import Background
from training.evaluate import Evaluation, evaluate
from training.heads.calibrating import Evidence, calibrate
from training.heads.head import Head
from training.heads.solving import Given, solve
from training.heads.training_set import TrainingSet
from training.learning_curve import learning_curve
from training.scenes import scenes

Doubles = NDArray[np.float64]

# This many background pictures are negatives of every concept; the rest stay unseen and show
# where scores of other pictures lie.
_SEEN_BANK = 100
# A background of one's own pictures may hold the very picture that is taught.
_SAME_PICTURE = 0.95


@dataclass(frozen=True)
class FitResult:
    """A head, what is known of how good it is, and how long both took.

    Attributes:
        head: the head.
        evaluation: its figures.
        seconds: that fit and evaluation took.
        left_out: ``(N, C)`` float32 probabilities of each labelled picture, itself left out.
        viewed: ``(R,)`` the row of its picture, for each view that was learned.
        pulls: ``(N + R + M, C)`` float32: what each labelled picture, after them each view, and
            after these each background picture that was seen, pulls a vector's score by per unit
            of their product; see `training.influence`.
    """

    head: Head
    evaluation: Evaluation
    seconds: float
    left_out: NDArray[np.float32]
    viewed: NDArray[np.intp]
    pulls: NDArray[np.float32]


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
    labelled = training_set.labelled()
    likeness = (background.bank @ labelled.vectors.T).max(axis=1)
    taught = likeness > _SAME_PICTURE
    seen, unseen = background.bank[:_SEEN_BANK], background.bank[_SEEN_BANK:]
    unseen = unseen[~taught[_SEEN_BANK:]]
    scene = scenes(labelled.vectors, labelled.targets > 0, labelled.groups)
    groups = labelled.group_numbers
    solution = solve(Given(labelled, seen, taught[:_SEEN_BANK], groups, scene))
    ridge = solution.ridge
    weights = np.ascontiguousarray(ridge.weights[:, :-1], np.float32)
    bias = ridge.weights[:, -1].astype(np.float32)
    images = len(labelled.vectors)
    evidence = Evidence(
        left_out=ridge.left_out[:images],
        fitted=ridge.fitted[:images],
        targets=labelled.targets,
        unseen=(unseen @ weights.T + bias).astype(np.float64),
        groups=groups,
    )
    calibration, thresholds = calibrate(evidence, exclusive=exclusive)
    head = Head(
        concepts=tuple(labelled.concepts),
        fingerprint=labelled.fingerprint,
        weights=weights,
        bias=bias,
        calibration=calibration,
        thresholds=thresholds,
        exclusive=exclusive,
    )
    left_out, scene_left_out = (
        calibration.probabilities(scores.astype(np.float32), exclusive=exclusive)
        for scores in (evidence.left_out, solution.apart)
    )
    evaluation = evaluate(
        concepts=head.concepts,
        targets=labelled.targets,
        probabilities=left_out,
        groups=groups,
        scene=scene,
        scene_left_out=(scene_left_out, head.present(scene_left_out)),
        present=head.present(left_out),
        image_ids=labelled.ids,
        curve=learning_curve(
            labelled.vectors, labelled.targets, left_out, ridge.regulariser, groups
        ),
        viewed=len(np.unique(solution.viewed)),
    )
    seconds = time.perf_counter() - started
    return FitResult(head, evaluation, seconds, left_out, solution.viewed, ridge.pulls)
