"""The ridge regression behind a head: what its rows are, and whether views are among them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.heads.training_set import TrainingSet
from training.ridge import Ridge, RidgeFit
from training.scenes import seen_elsewhere

Doubles = NDArray[np.float64]
Numbers = NDArray[np.intp]

# All background pictures together weigh as much as this many labelled pictures.
_BANK_WEIGHT = 20.0
_NEXT_TO_NOTHING = 1e-6
_IMPUTATIONS = 3
# A picture that has views weighs this much beside them; they weigh the rest of one.
_PLAIN_WEIGHT = 0.5
# Views must lower N · log of the left-out error by this, or they are left aside.
_LEAST_GAIN = 1.0
# With more pictures views bring little, and fitting them takes seconds.
MOST_VIEWED = 600


@dataclass(frozen=True)
class Given:
    """What a head is fitted to.

    Attributes:
        labelled: N pictures of which something is known.
        seen: ``(M, D)`` background pictures.
        taught: ``(M,)`` which of them may be pictures that are taught.
        groups: ``(N,)`` numbers; near-duplicates share one.
        scene: ``(N,)`` numbers; pictures of one scene share one.
    """

    labelled: TrainingSet
    seen: NDArray[np.float32]
    taught: NDArray[np.bool_]
    groups: Numbers
    scene: Numbers


@dataclass(frozen=True)
class Solution:
    """The regression that was chosen.

    Attributes:
        ridge: its rows are N pictures, R views of some of them, and the background's.
        apart: ``(N, C)`` what each picture is predicted to be without those of its scene.
        viewed: ``(R,)`` the row of its picture, for each view.
    """

    ridge: RidgeFit
    apart: Doubles
    viewed: Numbers


def solve(given: Given) -> Solution:
    """Fit without views and with them, and keep what leaves the smaller left-out error.

    That error is always of the pictures as they are, which is what prediction sees. Views help
    with things that fill any part of a picture, and harm where the whole of it is the thing.
    Where no picture can be left out of its concept there is nothing to choose by, and they help
    on average.
    """
    labelled = given.labelled
    viewed = labelled.viewed
    plain = _fit(given, viewed[:0])
    if not len(viewed) or len(labelled.vectors) > MOST_VIEWED:
        return plain
    closer = _fit(given, viewed)
    can_judge = seen_elsewhere(given.groups, labelled.targets > 0).any()
    is_better = closer.ridge.cost < plain.ridge.cost - _LEAST_GAIN
    return closer if is_better or not can_judge else plain


def _fit(given: Given, viewed: Numbers) -> Solution:
    labelled, seen, groups = given.labelled, given.seen, given.groups
    images, bank = len(labelled.vectors), len(seen)
    views = labelled.vectors[:0]
    if labelled.views is not None:
        views = labelled.views[viewed].reshape(-1, labelled.vectors.shape[1])
    per_picture = len(views) // max(len(viewed), 1)
    # Whose each row is; the background's are their own.
    owner = np.concatenate([np.arange(images), np.repeat(viewed, per_picture)])
    of_views = owner[images:]
    own = images + np.arange(bank)
    weights = np.ones(images)
    weights[viewed] = _PLAIN_WEIGHT
    beside = np.full(len(views), (1 - _PLAIN_WEIGHT) / max(per_picture, 1))
    of_bank = np.where(given.taught, _NEXT_TO_NOTHING, _BANK_WEIGHT / max(bank, 1))
    targets = labelled.targets.astype(np.float64)
    none = np.full((bank, len(labelled.concepts)), -1.0)
    ridge = Ridge(
        _with_bias(labelled.vectors, views, seen),
        np.concatenate([weights, beside, of_bank]),
        np.concatenate([groups[owner], own]),
    )
    wanted = np.concatenate([targets[owner], none])
    fitted = _imputed(ridge, wanted, images)
    if len(np.unique(given.scene)) == images:
        return Solution(fitted, fitted.left_out[:images], of_views)
    scenes = np.concatenate([given.scene[owner], own])
    apart = ridge.left_out(wanted, fitted.regulariser, scenes)
    return Solution(fitted, apart[:images], of_views)


def _with_bias(*vectors: NDArray[np.float32]) -> Doubles:
    """Stack vectors ``(N, D)`` as rows ``(N, D + 1)`` that end in a one, with no copy between."""
    rows = np.ones((sum(map(len, vectors)), vectors[0].shape[1] + 1))
    np.concatenate(vectors, out=rows[:, :-1])
    return rows


def _imputed(ridge: Ridge, wanted: Doubles, judged: int) -> RidgeFit:
    """Fit, and fill in the unknown targets, which are 0 and then changed in place.

    A row whose target is its own left-out prediction pulls at nothing: so a picture that was
    only said not to be one thing says nothing of the others.
    """
    unknown = np.flatnonzero((wanted == 0).ravel())
    wanted.ravel()[unknown] = -1.0
    fitted = ridge.fit(wanted, judged=judged)
    for _ in range(_IMPUTATIONS if len(unknown) else 0):
        wanted.ravel()[unknown] = np.clip(fitted.left_out.ravel()[unknown], -1.0, 1.0)
        fitted = ridge.fit(wanted, judged=judged)
    return fitted
