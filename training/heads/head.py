"""A fitted head: what turns vectors into probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from training.errors import LearningError

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """Linear scores and their calibration, one row per concept.

    Attributes:
        concepts: the C names.
        fingerprint: of the backbone whose vectors it takes.
        weights: ``(C, D)`` float32.
        bias: ``(C,)`` float32.
        slope: ``(C,)`` float32, positive; the logit of a score is ``slope * score + offset``.
        offset: ``(C,)`` float32.
        thresholds: ``(C,)`` float32 probabilities from which a concept counts as present.
        exclusive: whether a picture shows one concept at most.
    """

    concepts: tuple[str, ...]
    fingerprint: str
    weights: Floats
    bias: Floats
    slope: Floats
    offset: Floats
    thresholds: Floats
    exclusive: bool = False

    def scores(self, vectors: Floats) -> Floats:
        """Score vectors ``(M, D)`` as ``(M, C)``, uncalibrated.

        Raises:
            LearningError: the vectors come from another backbone.
        """
        if vectors.shape[-1] != self.weights.shape[1]:
            raise LearningError("wrong_dimensions", "These vectors belong to another backbone.")
        return vectors @ self.weights.T + self.bias

    def probabilities(self, vectors: Floats) -> Floats:
        """Calibrated probabilities ``(M, C)`` of vectors ``(M, D)``."""
        return calibrated(self.scores(vectors), self.slope, self.offset, exclusive=self.exclusive)

    def present(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Which concepts count as present ``(M, C)``: none of them is an answer too."""
        present = probabilities >= self.thresholds
        if self.exclusive:
            best = probabilities.argmax(axis=1)[:, None] == np.arange(probabilities.shape[1])
            present &= best
        return present


def calibrated(scores: Floats, slope: Floats, offset: Floats, *, exclusive: bool) -> Floats:
    """Turn scores ``(M, C)`` into probabilities; exclusive ones share one with *none of these*."""
    logits = slope * scores + offset
    if not exclusive:
        return expit(logits).astype(np.float32)
    with_none = np.concatenate([logits, np.zeros_like(logits[:, :1])], axis=1)
    return softmax(with_none, axis=1)[:, :-1].astype(np.float32)
