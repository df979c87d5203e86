"""Pictures to unit vectors, keyed by id and never by position."""

import hashlib
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from training.backbones import DEFAULT_BACKBONE, BackboneSpec, Branch, get_spec
from training.background import Background, load_background
from training.engines import Engine, TorchEngine, choose_engine
from training.tags.tagger import Tagged, Tagger, load_tagger

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
K = TypeVar("K", bound=Hashable)

_BATCH_IMAGES = 4  # as fast as larger ones, with less memory


@dataclass(frozen=True)
class Description:
    """What one forward pass says of a picture: ``(D,)`` float32 vector, and general tags."""

    vector: Floats
    tags: list[Tagged]


class Embedder:
    """A backbone that is loaded and ready."""

    def __init__(
        self,
        spec: BackboneSpec,
        engines: Sequence[Engine],
        background: Background,
        tagger: Tagger,
    ) -> None:
        self.spec = spec
        self.fingerprint = spec.fingerprint
        self.dimensions = spec.dimensions
        # What `images.decode` should keep so that no view is scaled up.
        self.min_side = max(math.ceil(b.size / b.crop_fraction) for b in spec.branches)
        self.background = background
        self.tagger = tagger
        self._engines = engines

    @classmethod
    def load(
        cls,
        backbone: str = DEFAULT_BACKBONE,
        *,
        cache_dir: Path | None = None,
        background_dir: Path | None = None,
        threads: int | None = None,
        streams: int = 1,
    ) -> "Embedder":
        """Load a backbone on the fastest engine of this machine.

        Args:
            backbone: a bundled one (``duo``, ``lite0``, ``lite1``, ``lite2``) or any timm model.
            cache_dir: keeps the converted model, which makes the next load take about a second.
            background_dir: where backgrounds are that were built here.
            threads: of the CPU; all where not given.
            streams: how many batches may be worked on side by side, from as many threads.

        Raises:
            BackboneError: there is no such backbone, or its weights are missing.
        """
        spec = get_spec(backbone, background_dir)
        engines = [
            choose_engine(branch, cache_dir=cache_dir, threads=threads, streams=streams)
            for branch in spec.branches
        ]
        tagger = load_tagger(spec, cache_dir=cache_dir)
        return cls(spec, engines, load_background(backbone, background_dir), tagger)

    def refined(self, weights: Mapping[str, NDArray[Any]]) -> "Embedder":
        """Return one whose first network has other weights; all else is shared.

        It runs on eager torch, on the CPU.

        Args:
            weights: as `refine.RefineResult` gives them.
        """
        engines = [TorchEngine(self.spec.branches[0], refined=weights), *self._engines[1:]]
        other = Embedder(self.spec, engines, self.background, self.tagger)
        other.fingerprint = refined_fingerprint(self.fingerprint, weights)
        return other

    def embed(self, images: Mapping[K, Image.Image]) -> dict[K, Floats]:
        """Embed upright RGB pictures.

        Returns:
            ``(D,)`` float32 unit vectors under the keys of ``images``.
        """
        vectors: dict[K, Floats] = {}
        for keys, features in self._batches(images):
            vectors |= dict(zip(keys, self.background.vectors(features), strict=True))
        return vectors

    def describe(self, images: Mapping[K, Image.Image]) -> dict[K, Description]:
        """Embed and tag upright RGB pictures in one forward pass, under the keys of ``images``."""
        described: dict[K, Description] = {}
        for keys, features in self._batches(images):
            vectors, tags = self.background.vectors(features), self.tagger(features)
            described |= {
                key: Description(vector, said)
                for key, vector, said in zip(keys, vectors, tags, strict=True)
            }
        return described

    def _batches(self, images: Mapping[K, Image.Image]) -> Iterator[tuple[list[K], list[Floats]]]:
        remaining = iter(images)
        while keys := list(islice(remaining, _BATCH_IMAGES)):
            yield keys, self.features([images[key] for key in keys])

    def features(self, images: Sequence[Image.Image]) -> list[Floats]:
        """Pool each branch's features of a batch: ``(B, F)`` float32 per branch."""
        return self.pooled(
            [np.stack([view(image, branch) for image in images]) for branch in self.spec.branches]
        )

    def pooled(self, pixels: Sequence[NDArray[np.uint8]]) -> list[Floats]:
        """Pool features of what each branch sees, ``(B, size, size, 3)``: ``(B, F)`` per branch."""
        return [
            engine.features(np.ascontiguousarray(seen))
            for engine, seen in zip(self._engines, pixels, strict=True)
        ]


def refined_fingerprint(fingerprint: str, weights: Mapping[str, NDArray[Any]]) -> str:
    """Return what vectors are known by under a network with other weights."""
    digest = hashlib.sha256(fingerprint.encode())
    for name in sorted(weights):
        digest.update(name.encode() + np.ascontiguousarray(weights[name]).tobytes())
    return digest.hexdigest()[:12]


def view(image: Image.Image, branch: Branch, box: Box | None = None) -> NDArray[np.uint8]:
    """Cut what a branch sees, ``(size, size, 3)`` uint8; of ``box`` only where one is given."""
    side = (branch.size, branch.size)
    scaling = Image.Resampling[branch.interpolation.upper()]
    seen = image.resize(side, scaling, box=box or view_box(image.size, branch))
    return np.asarray(ImageOps.mirror(seen) if branch.view.endswith("_mirrored") else seen)


def view_box(size: tuple[int, int], branch: Branch) -> Box:
    """Find the part of a picture that a branch sees: left, top, right, bottom in pixels."""
    width, height = size
    if not branch.view.startswith("center"):
        return 0.0, 0.0, float(width), float(height)
    side = min(size) * branch.crop_fraction
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side
