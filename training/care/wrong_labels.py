"""Labels that are probably wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax

from training.ridge import Ridge

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Labels = NDArray[np.int8]
Own = Callable[[float], Doubles]

# More than serves prediction best: a wrong label must not be learned by heart by its neighbours.
REGULARISER = np.array([1.0])
# Rather too long a list: looking at a picture that is right takes a second.
_SUSPICIOUS = 0.12
_FEWEST = 3
_USUAL_SLOPE, _SLOPE_DEVIATION = 5.0, 0.5
# Of labels by people, one in twenty is wrong; by much fewer or more, too.
_USUAL_NOISE_LOGIT, _NOISE_DEVIATION = -2.9, 1.0


@dataclass(frozen=True)
class Suspect:
    """A label that is probably wrong.

    Attributes:
        row: of the picture.
        concept: column of the label.
        label: +1 or -1, as it was said.
        suggested: column of the concept that the picture seems to show instead, if any.
        probability: that the label is wrong.
    """

    row: int
    concept: int
    label: int
    suggested: int | None
    probability: float


class Examination:
    """Labelled pictures, decomposed once and judged under any labels.

    Args:
        vectors: ``(N, D)`` unit vectors.
        targets: ``(N, C)`` of +1, -1, and 0 where unknown.
        groups: ``(N,)``; near-duplicates are left out together.
    """

    def __init__(
        self, vectors: Floats, targets: Labels, groups: NDArray[np.intp] | None = None
    ) -> None:
        rows = np.concatenate([vectors, np.ones((len(vectors), 1))], axis=1).astype(np.float64)
        self.targets = targets
        self.is_exclusive = targets.shape[1] > 1 and bool(((targets > 0).sum(axis=1) == 1).all())
        self._ridge = Ridge(rows, np.ones(len(rows)), groups)
        self.scores = self._scores(targets)

    def wrong_labels(self) -> list[Suspect]:
        """List labels that are probably wrong, the surest first.

        The chance that a label is as the others teach, p, is calibrated together with the share ε
        of wrong labels by the likelihood of all labels given, (1 - ε) p + ε (1 - p) / (K - 1) for
        one of K; a label's own posterior follows. Among clean labels, ε goes to nothing and the
        list is empty, however alike the concepts are.
        """
        if len(self.targets) < _FEWEST:
            return []
        if self.is_exclusive:
            return _of_exclusive(self.scores, self.targets.argmax(axis=1))
        return _of_independent(self.scores, self.targets)

    def mended(self, suspects: Sequence[Suspect]) -> Labels:
        """Return the targets ``(N, C)`` as they are with labels mended as suggested."""
        targets = self.targets.copy()
        for suspect in suspects:
            if suspect.suggested is None:
                targets[suspect.row, suspect.concept] = -suspect.label
            else:
                targets[suspect.row, suspect.concept] = -1
                targets[suspect.row, suspect.suggested] = 1
        return targets

    def gain(self, suspects: Sequence[Suspect]) -> float:
        """Measure what mending labels does for the others: the rise of their accuracy.

        It is that of left-out pictures whose own labels stay as they are.
        """
        judged = np.ones(len(self.targets), bool)
        judged[[suspect.row for suspect in suspects]] = False
        if not judged.any():
            return 0.0
        after = self._scores(self.mended(suspects))
        return self._accuracy(after, judged) - self._accuracy(self.scores, judged)

    def _scores(self, targets: Labels) -> Doubles:
        """Score each picture by what the others teach: ``(N, C)``, around -1 and +1."""
        return self._ridge.fit(targets.astype(np.float64), regularisers=REGULARISER).left_out

    def _accuracy(self, scores: Doubles, judged: NDArray[np.bool_]) -> float:
        scores, labels = scores[judged], self.targets[judged]
        if self.is_exclusive:
            return float((scores.argmax(axis=1) == labels.argmax(axis=1)).mean())
        known = labels != 0
        return float(((scores > 0) == (labels > 0))[known].mean()) if known.any() else 0.0


def _of_exclusive(scores: Doubles, given: NDArray[np.intp]) -> list[Suspect]:
    rows, concepts = np.arange(len(scores)), scores.shape[1]

    def own(slope: float) -> Doubles:
        return np.asarray(np.exp(log_softmax(slope * scores, axis=1))[rows, given])

    wrong = _posterior(own, concepts)
    others = scores.copy()
    others[rows, given] = -np.inf
    best = others.argmax(axis=1)
    return [
        Suspect(int(row), int(given[row]), 1, int(best[row]), float(wrong[row]))
        for row in np.argsort(-wrong, kind="stable")
        if wrong[row] > _SUSPICIOUS
    ]


def _of_independent(scores: Doubles, targets: Labels) -> list[Suspect]:
    rows, columns = np.nonzero(targets)
    signs = targets[rows, columns].astype(np.float64)
    agreement = signs * scores[rows, columns]

    def own(slope: float) -> Doubles:
        return np.asarray(expit(slope * agreement))

    wrong = _posterior(own, 2)
    return [
        Suspect(int(rows[i]), int(columns[i]), int(signs[i]), None, float(wrong[i]))
        for i in np.argsort(-wrong, kind="stable")
        if wrong[i] > _SUSPICIOUS
    ]


def _posterior(own: Own, choices: int) -> Doubles:
    """Fit slope and noise to the labels given, and return how likely each is wrong."""

    def parts(x: Doubles) -> tuple[Doubles, Doubles]:
        right, noise = own(float(np.exp(x[0]))), float(expit(x[1]))
        return (1 - noise) * right + 1e-12, noise * (1 - right) / (choices - 1)

    def cost(x: Doubles) -> float:
        meant, mistaken = parts(x)
        slope = (x[0] - np.log(_USUAL_SLOPE)) / _SLOPE_DEVIATION
        noise = (x[1] - _USUAL_NOISE_LOGIT) / _NOISE_DEVIATION
        return float(-np.log(meant + mistaken).sum() + 0.5 * (slope**2 + noise**2))

    start = np.array([np.log(_USUAL_SLOPE), _USUAL_NOISE_LOGIT])
    meant, mistaken = parts(minimize(cost, start, method="Nelder-Mead").x)
    return np.asarray(mistaken / (meant + mistaken))
