"""A fitted head: what turns vectors into probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from training.errors import LearningError
from training.judgements import present

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    """From scores to probabilities.

    Attributes:
        slope: ``(C,)`` float32, positive; the logit of a score is ``slope * score + offset``.
        offset: ``(C,)`` float32.
        known: ``(2,)`` float32 slope and offset of the best score: whether it is any concept.
    """

    slope: Floats
    offset: Floats
    known: Floats

    def probabilities(self, scores: Floats, *, exclusive: bool) -> Floats:
        """Turn scores ``(M, C)`` into probabilities.

        Exclusive ones share the probability that the picture shows any concept at all; what is
        missing to one is *none of these*.
        """
        if not exclusive:
            return np.asarray(expit(self.slope * scores + self.offset), np.float32)
        any_of_them = expit(self.known[0] * scores.max(axis=1, keepdims=True) + self.known[1])
        shares = softmax(self.slope * scores + self.offset, axis=1)
        return np.asarray(any_of_them * shares, np.float32)


@dataclass(frozen=True)
class Head:
    """Linear scores and their calibration, one row per concept.

    Attributes:
        concepts: the C names.
        fingerprint: of the backbone whose vectors it takes.
        weights: ``(C, D)`` float32.
        bias: ``(C,)`` float32.
        calibration: from scores to probabilities.
        thresholds: ``(C,)`` float32 probabilities from which a concept counts as present.
        exclusive: whether a picture shows one concept at most.
    """

    concepts: tuple[str, ...]
    fingerprint: str
    weights: Floats
    bias: Floats
    calibration: Calibration
    thresholds: Floats
    exclusive: bool = False

    def scores(self, vectors: Floats) -> Floats:
        """Score vectors ``(M, D)`` as ``(M, C)``, uncalibrated.

        Raises:
            LearningError: the vectors come from another backbone.
        """
        if vectors.shape[-1] != self.weights.shape[1]:
            raise LearningError("wrong_dimensions", "These vectors belong to another backbone.")
        return np.asarray(vectors @ self.weights.T + self.bias, np.float32)

    def probabilities(self, vectors: Floats) -> Floats:
        """Calibrated probabilities ``(M, C)`` of vectors ``(M, D)``."""
        return self.calibration.probabilities(self.scores(vectors), exclusive=self.exclusive)

    def present(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Which concepts count as present ``(M, C)``: none of them is an answer too."""
        return present(probabilities, self.thresholds, exclusive=self.exclusive)
