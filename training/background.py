"""Statistics of everyday pictures: what whitens vectors, and the unseen negatives.

A background is a small file of numbers. Bundled backbones bring theirs; for others
:mod:`training.background_building` makes one from pictures. Without one, nothing is whitened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from training.backbones import DEFAULT_BACKBONE, BackboneSpec, Branch, get_spec

Floats = NDArray[np.float32]

POWER = 0.7
_RANK = 256
_FOLDS = 10
_LEAST_VARIANCE = 1e-8


@dataclass(frozen=True)
class Whitening:
    """A linear map of one branch's features that plays down what a change of crop changes.

    Attributes:
        mean: ``(F,)`` of the power-transformed features.
        directions: ``(R, F)`` orthonormal rows: what varies most between crops of a picture.
        gains: ``(R,)`` the factors along them.
        floor_gain: ``(1,)`` the factor along all others.
        projection: ``(D, F)`` orthonormal rows that are kept; all is kept where there are none.
    """

    mean: Floats
    directions: Floats
    gains: Floats
    floor_gain: Floats
    projection: Floats

    def __call__(self, features: Floats) -> Floats:
        """Map pooled features ``(N, F)`` to ``(N, D)``, unit length before the projection."""
        centred = power_transform(features) - self.mean
        along = centred @ self.directions.T
        whitened = self.floor_gain * centred
        whitened += (along * (self.gains - self.floor_gain)) @ self.directions
        normalised = unit(whitened)
        return normalised @ self.projection.T if len(self.projection) else normalised


@dataclass(frozen=True)
class Background:
    """What embedding and heads need to know of pictures in general.

    Attributes:
        weights: one per branch.
        whitenings: one per branch.
        bank: ``(M, D)`` unit vectors of background pictures, each whitened by the statistics of
            the others, so that they lie like pictures never seen.
    """

    weights: tuple[float, ...]
    whitenings: tuple[Whitening, ...]
    bank: Floats

    def vectors(self, features: Sequence[Floats]) -> Floats:
        """Join the pooled features ``(N, F)`` of each branch to unit vectors ``(N, D)``."""
        parts = [
            weight * whiten(branch)
            for weight, whiten, branch in zip(self.weights, self.whitenings, features, strict=True)
        ]
        return unit(np.concatenate(parts, axis=1))


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Scale the last axis to length one; zero vectors stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def power_transform(features: Floats) -> Floats:
    """Signed power, then unit length: plays down the few features that dominate.

    Source: Perronnin et al., "Improving the Fisher kernel" (ECCV 2010); for few examples, Hu et
    al., "Leveraging the feature distribution in transfer-based few-shot learning" (2021).
    """
    return unit(np.sign(features) * np.abs(features) ** POWER)


def identity_background(spec: BackboneSpec) -> Background:
    """The background of a backbone that has none yet: features are powered and normalised."""
    none = np.zeros((0, spec.dimensions), np.float32)
    whitenings = tuple(_identity_whitening(branch) for branch in spec.branches)
    return Background(tuple(branch.weight for branch in spec.branches), whitenings, none)


def build_background(
    spec: BackboneSpec, features: Sequence[Floats], crops: Sequence[Floats]
) -> Background:
    """Estimate a background from pictures in general and random crops of them.

    What differs between crops of one picture is what a concept does not depend on. Its
    covariance Σ, shrunk towards its mean eigenvalue ᾱ, gives the whitening (Σ + ᾱI)^-½: within-
    class covariance normalisation (Hatch et al., Interspeech 2006) without classes.

    Args:
        spec: the backbone.
        features: per branch ``(M, F)`` pooled features.
        crops: per branch ``(M, K, F)`` pooled features of K crops of each picture.
    """
    weights = tuple(branch.weight for branch in spec.branches)
    pictures = len(features[0])

    def estimate(used: NDArray[np.bool_]) -> Background:
        whitenings = tuple(
            _estimate_whitening(branch, f[used], c[used])
            for branch, f, c in zip(spec.branches, features, crops, strict=True)
        )
        return Background(weights, whitenings, np.zeros((0, spec.dimensions), np.float32))

    whole = estimate(np.ones(pictures, bool))
    bank = np.empty((pictures, spec.dimensions), np.float32)
    fold_of = np.arange(pictures) % _FOLDS
    for fold in range(min(_FOLDS, pictures)):
        out = fold_of == fold
        # The projections must agree, or the bank's vectors would lie in other spaces.
        others = tuple(
            Whitening(o.mean, o.directions, o.gains, o.floor_gain, w.projection)
            for o, w in zip(estimate(~out).whitenings, whole.whitenings, strict=True)
        )
        bank[out] = Background(weights, others, bank).vectors([f[out] for f in features])
    return Background(weights, whole.whitenings, bank)


def save_background(background: Background, path: Path) -> None:
    """Write to a safetensors file, half precision where it is plenty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {"bank": background.bank.astype(np.float16)}
    for index, whitening in enumerate(background.whitenings):
        for name, array in vars(whitening).items():
            arrays[f"{index}.{name}"] = array.astype(np.float16) if array.ndim == 2 else array
    # Beside the place and moved there: no crash leaves half a background.
    made = path.with_suffix(".part")
    save_file(arrays, made)
    made.chmod(0o644)
    made.replace(path)


@cache
def load_background(
    backbone: str = DEFAULT_BACKBONE, background_dir: Path | None = None
) -> Background:
    """Load a backbone's background, or the identity where it has none; as ``get_spec``."""
    spec = get_spec(backbone, background_dir)
    if not spec.background_path.exists():
        return identity_background(spec)
    arrays = {k: v.astype(np.float32) for k, v in load_file(spec.background_path).items()}
    names = Whitening.__dataclass_fields__
    whitenings = tuple(
        Whitening(**{name: arrays[f"{index}.{name}"] for name in names})
        for index in range(len(spec.branches))
    )
    weights = tuple(branch.weight for branch in spec.branches)
    return Background(weights, whitenings, unit(arrays["bank"]))


def _identity_whitening(branch: Branch) -> Whitening:
    none = np.zeros((0, branch.features), np.float32)
    one = np.ones(1, np.float32)
    return Whitening(np.zeros(branch.features, np.float32), none, none[:, 0], one, none)


def _estimate_whitening(branch: Branch, features: Floats, crops: Floats) -> Whitening:
    mean = power_transform(features).mean(axis=0)
    powered = power_transform(crops)
    deviations = (powered - powered.mean(axis=1, keepdims=True)).reshape(-1, branch.features)
    eigenvalues, vectors = np.linalg.eigh(deviations.T @ deviations / len(deviations))
    eigenvalues, directions = np.maximum(eigenvalues[::-1], 0), vectors.T[::-1]
    # Of pictures of one colour all crops are the same.
    shrinkage = max(eigenvalues.mean(), _LEAST_VARIANCE)
    rest = eigenvalues[_RANK:].mean() if len(eigenvalues) > _RANK else eigenvalues[-1]
    kept = Whitening(
        mean=mean,
        directions=np.ascontiguousarray(directions[:_RANK]),
        gains=(eigenvalues[:_RANK] + shrinkage) ** -0.5,
        floor_gain=np.array([(rest + shrinkage) ** -0.5], np.float32),
        projection=np.zeros((0, branch.features), np.float32),
    )
    if branch.dimensions == branch.features:
        return kept
    whitened = kept(crops.reshape(-1, branch.features))
    _, principal = np.linalg.eigh(whitened.T @ whitened)
    projection = np.ascontiguousarray(principal.T[::-1][: branch.dimensions])
    return Whitening(kept.mean, kept.directions, kept.gains, kept.floor_gain, projection)
