"""From pooled features to tags with probabilities."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.special import softmax

from training.backbones import BackboneSpec, Branch, branch_digest
from training.children import ChildError, run_module
from training.errors import BackboneError
from training.tags.vocabulary import Vocabulary, load_vocabulary

Floats = NDArray[np.float32]

# The networks were trained towards softened labels and say too little. On pictures of the kind
# they were trained on 0.55 fits best; others they know less well.
_TEMPERATURE = 0.7
FLOOR = 0.1


@dataclass(frozen=True)
class Tagged:
    """A tag of a picture: the tag's id and how likely it is true."""

    id: int
    probability: float


class Tagger:
    """The classifiers of a backbone's networks, their mean taken."""

    def __init__(self, classifiers: Sequence[tuple[Floats, Floats]], vocabulary: Vocabulary):
        self._classifiers = classifiers
        self._vocabulary = vocabulary

    def __call__(self, features: Sequence[Floats]) -> list[list[Tagged]]:
        """Tag pictures, likeliest first; none is below the floor.

        A kind is as likely as all its classes together.

        Args:
            features: per network the pooled features ``(N, F)``.
        """
        probabilities = self.probabilities(features)
        tags = self._vocabulary.tags
        return [
            [
                Tagged(tags[column].id, round(float(row[column]), 4))
                for column in np.argsort(-row, kind="stable")[: int((row >= FLOOR).sum())]
            ]
            for row in probabilities
        ]

    def probabilities(self, features: Sequence[Floats]) -> Floats:
        """Return how likely each tag of the vocabulary is: ``(N, T)``."""
        if not self._classifiers:
            return np.zeros((len(features[0]), len(self._vocabulary.tags)), np.float32)
        logits = [
            branch @ weights.T + bias
            for branch, (weights, bias) in zip(features, self._classifiers, strict=True)
        ]
        classes = softmax(np.mean(logits, axis=0) / _TEMPERATURE, axis=1)
        return np.asarray(classes @ self._vocabulary.membership, np.float32)


def load_tagger(spec: BackboneSpec, *, cache_dir: Path | None = None) -> Tagger:
    """Load a backbone's classifiers; one whose weights come without them tags nothing.

    Raises:
        BackboneError: the weights are missing.
    """
    branches = spec.branches if spec.has_classifiers else ()
    return Tagger([_classifier(branch, cache_dir) for branch in branches], load_vocabulary())


@cache
def _classifier(branch: Branch, cache_dir: Path | None) -> tuple[Floats, Floats]:
    if cache_dir is None:
        arrays = _extract(branch)
    else:
        cache_dir.mkdir(parents=True, exist_ok=True)
        path = cache_dir / f"{branch_digest(branch)}-general.safetensors"
        with FileLock(cache_dir / "converting.lock"):
            if not path.exists():
                _extract_in_child(branch, path)
        arrays = load_file(path)
    return arrays["weight"], arrays["bias"]


def _extract(branch: Branch) -> dict[str, Floats]:
    """Read the last layer out of a wheel's weights, which takes torch."""
    import torch

    state = torch.load(branch.weights_path, map_location="cpu", weights_only=True)
    # As they lie in memory is how safetensors writes arrays; these may be transposed.
    return {n: np.ascontiguousarray(state[f"_fc.{n}"].numpy()) for n in ("weight", "bias")}


def _extract_in_child(branch: Branch, path: Path) -> None:
    try:
        run_module("training.tags.tagger", json.dumps(asdict(branch)), str(path))
    except ChildError as error:
        raise BackboneError("conversion_failed", f"{branch.architecture}: {error}") from error


if __name__ == "__main__":
    made = Path(sys.argv[2]).with_suffix(".part")
    save_file(_extract(Branch(**json.loads(sys.argv[1]))), made)
    made.rename(sys.argv[2])
