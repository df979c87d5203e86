"""Statistics of everyday pictures: what whitens vectors, and the unseen negatives.

A background is a small file of numbers per bundled backbone, made once by
``python -m training build-background --pictures DIR``. Without one, nothing is whitened.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from training.backbones import DEFAULT_BACKBONE, get_spec

Floats = NDArray[np.float32]

_FOLDS = 10


@dataclass(frozen=True)
class Background:
    """What whitening and heads need to know of pictures in general.

    Attributes:
        mean: ``(D,)`` of the power-transformed features.
        directions: ``(R, D)`` orthonormal rows, the background's principal directions.
        gains: ``(R,)`` the factors along them.
        floor_gain: the factor along all others.
        bank: ``(M, D)`` whitened unit vectors of background pictures, each whitened by the
            statistics of the others, so that they lie like pictures never seen.
    """

    mean: Floats
    directions: Floats
    gains: Floats
    floor_gain: float
    bank: Floats

    def whiten(self, powered: Floats) -> Floats:
        """Whiten and normalise.

        Args:
            powered: ``(N, D)`` float32 from :func:`power_transform`.

        Returns:
            ``(N, D)`` float32 unit vectors.
        """
        centred = powered - self.mean
        along = centred @ self.directions.T
        whitened = self.floor_gain * centred
        whitened += (along * (self.gains - self.floor_gain)) @ self.directions
        return unit(whitened)


def unit(vectors: Floats) -> Floats:
    """Scale the last axis to length one; zero vectors stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)


def power_transform(features: Floats) -> Floats:
    """Signed square root, then unit length: the Hellinger kernel as a map.

    Source: Arandjelović and Zisserman, "Three things everyone should know to improve object
    retrieval" (CVPR 2012); for transfer, Hu et al., PT+MAP (2021).
    """
    return unit(np.sign(features) * np.sqrt(np.abs(features)))


def identity_background(dimensions: int) -> Background:
    """The background of a backbone that has none yet: vectors stay as they are."""
    nothing = np.zeros((0, dimensions), np.float32)
    return Background(np.zeros(dimensions, np.float32), nothing, nothing[:, 0], 1.0, nothing)


def build_background(powered: Floats) -> Background:
    """Estimate a background from pictures in general.

    The covariance Σ is shrunk towards its mean eigenvalue ᾱ: whitening is (Σ + ᾱI)^-½.

    Args:
        powered: ``(M, D)`` float32 from :func:`power_transform`.
    """
    bank = np.empty_like(powered)
    fold_of = np.arange(len(powered)) % _FOLDS
    for fold in range(_FOLDS):
        statistics = _statistics(powered[fold_of != fold])
        bank[fold_of == fold] = statistics.whiten(powered[fold_of == fold])
    whole = _statistics(powered)
    return Background(whole.mean, whole.directions, whole.gains, whole.floor_gain, bank)


def save_background(background: Background, path: Path) -> None:
    """Write to a safetensors file, half precision where it is plenty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        "mean": background.mean,
        "directions": background.directions.astype(np.float16),
        "gains": background.gains,
        "floor_gain": np.array([background.floor_gain], np.float32),
        "bank": background.bank.astype(np.float16),
    }
    save_file(arrays, path)


@cache
def load_background(backbone: str = DEFAULT_BACKBONE) -> Background:
    """Load a backbone's bundled background, or the identity where it has none."""
    spec = get_spec(backbone)
    if not spec.background_path.exists():
        return identity_background(spec.dimensions)
    arrays = load_file(spec.background_path)
    return Background(
        mean=arrays["mean"],
        directions=arrays["directions"].astype(np.float32),
        gains=arrays["gains"],
        floor_gain=float(arrays["floor_gain"][0]),
        bank=unit(arrays["bank"].astype(np.float32)),
    )


def _statistics(powered: Floats) -> Background:
    mean = powered.mean(axis=0)
    _, lengths, directions = np.linalg.svd(powered - mean, full_matrices=False)
    eigenvalues = lengths**2 / len(powered)
    shrinkage = eigenvalues.sum() / powered.shape[1]
    return Background(
        mean=mean,
        directions=directions.astype(np.float32),
        gains=((eigenvalues + shrinkage) ** -0.5).astype(np.float32),
        floor_gain=float(shrinkage**-0.5),
        bank=powered[:0],
    )
