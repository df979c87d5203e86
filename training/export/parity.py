"""Does the file answer as the app does? Measured, picture by picture."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_DIFFERENCE = 1e-3


@dataclass
class Parity:
    """Differences between the app's probabilities and a file's.

    Attributes:
        pictures: how many were compared.
        max_difference: the largest of a probability.
        flips: verdicts that differ.
    """

    pictures: int = 0
    max_difference: float = 0.0
    flips: int = 0
    _sum: float = field(default=0.0, repr=False)

    def add(
        self,
        said: NDArray[np.float32],
        present: NDArray[np.bool_],
        others: NDArray[np.float32],
        others_present: NDArray[np.bool_],
    ) -> None:
        """Compare what both say of one picture: ``(C,)`` each."""
        worst = float(np.abs(said - others).max())
        self.pictures += 1
        self.max_difference = max(self.max_difference, worst)
        self.flips += int((present != others_present).sum())
        self._sum += worst

    @property
    def holds(self) -> bool:
        """Whether the file may be handed out."""
        return self.pictures > 0 and self.max_difference <= MAX_DIFFERENCE

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "pictures": self.pictures,
            "max_difference": self.max_difference,
            "mean_difference": self._sum / max(1, self.pictures),
            "flips": self.flips,
            "limit": MAX_DIFFERENCE,
        }


class OnnxFile:
    """A file as others run it: plain ONNX Runtime on the processor."""

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Probabilities and verdicts ``(C,)`` of pixels ``(H, W, 3)``."""
        probabilities, present = self._session.run(None, {"pixels": pixels})
        return probabilities, present
