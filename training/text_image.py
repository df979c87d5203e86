"""Models that see pictures and read texts in one space: what a sentence says is found in pictures.

They come from open_clip (Ilharco et al., 2021; CLIP: Radford et al., 2021; SigLIP: Zhai et al.,
2023), which is installed where one is wanted: `requirements-text-image.txt`.
"""

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.allocation import keep_blocks
from training.errors import BackboneError

Floats = NDArray[np.float32]
K = TypeVar("K", bound=Hashable)

# Raise when the way to a vector changes in code.
_TRANSFORM_VERSION = 1
_FOLDER = "local-dir:"
_BATCH_IMAGES = 4
# What is said of a picture is compared with saying nothing of it.
_PROMPT, _NEUTRAL = "a photo of {}", "a photo"


@dataclass(frozen=True)
class Direction:
    """Where pictures lie that show what a text says.

    Attributes:
        vector: ``(D,)`` float32, of unit length.
        strength: the log-odds of a picture, that the text fits it better than none, are this times
            the cosine of its vector and ``vector``.
    """

    vector: Floats
    strength: float


def text_image_fingerprint(name: str) -> str:
    """Return twelve hex digits over what changes a model's vectors; needs no torch.

    Args:
        name: as open_clip spells it: ``hf-hub:ORG/MODEL`` or ``local-dir:FOLDER``.

    Raises:
        BackboneError: there is no such folder.
    """
    identity: dict[str, object] = {
        "model": name,
        "transform": _TRANSFORM_VERSION,
        "prompts": [_PROMPT, _NEUTRAL],
    }
    if name.startswith(_FOLDER):
        # What a folder holds, not where it is.
        identity["model"] = [_digest(path) for path in _files(Path(name.removeprefix(_FOLDER)))]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:12]


class TextImageModel:
    """One that is loaded and ready, on the CPU."""

    def __init__(self, model: Any, transform: Any, tokenizer: Any, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self._model, self._transform, self._tokenizer = model, transform, tokenizer

    @classmethod
    def load(cls, name: str) -> "TextImageModel":
        """Load a model of open_clip by its name.

        Raises:
            BackboneError: open_clip is not installed, or there is no such model.
        """
        open_clip = _open_clip()
        keep_blocks()
        fingerprint = text_image_fingerprint(name)
        try:
            model, transform = open_clip.create_model_from_pretrained(name)
            tokenizer = open_clip.get_tokenizer(name)
        except Exception as error:  # the hub's client and readers of weights raise many kinds
            message = f"The text-image model {name} could not be loaded: {error}"
            raise BackboneError("weights_missing", message) from error
        model.eval().requires_grad_(False)
        return cls(model, transform, tokenizer, fingerprint)

    def embed(self, images: Mapping[K, Image.Image]) -> dict[K, Floats]:
        """Embed upright RGB pictures: ``(D,)`` float32 unit vectors under the same keys."""
        import torch

        vectors: dict[K, Floats] = {}
        remaining = iter(images)
        while keys := list(islice(remaining, _BATCH_IMAGES)):
            pixels = torch.stack([self._transform(images[key]) for key in keys])
            with torch.inference_mode():
                found = self._model.encode_image(pixels, normalize=True)
            vectors |= dict(zip(keys, found.float().numpy(), strict=True))
        return vectors

    def embed_text(self, text: str) -> Direction:
        """Say where pictures of something lie."""
        import torch

        tokens = self._tokenizer([_PROMPT.format(text), _NEUTRAL])
        with torch.inference_mode():
            said, nothing = self._model.encode_text(tokens, normalize=True).float().numpy()
            scale = float(self._model.logit_scale.exp())
        difference = said - nothing
        length = float(np.linalg.norm(difference))
        return Direction(difference / max(length, 1e-9), scale * length)


def _open_clip() -> Any:
    from training.torchvision_shim import ensure_torchvision

    ensure_torchvision()
    try:
        import open_clip
    except ImportError as error:
        raise BackboneError(
            "package_missing",
            "A text-image model needs another package: pip install -r requirements-text-image.txt.",
        ) from error
    return open_clip


def _files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.glob("*") if path.is_file())
    if not files:
        raise BackboneError("weights_missing", f"There is no text-image model in {folder}.")
    return files


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return path.name + hashlib.file_digest(file, "sha256").hexdigest()
