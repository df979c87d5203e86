"""Makes `import torchvision`, and so timm, work where its compiled library does not load.

The CPU build of torch cannot load the operators of torchvision's CUDA wheel; torchvision then
fails while it registers shapes for two of them. Declaring these two is enough: nothing here ever
calls them.
"""

import sys

import torch

_OPERATORS = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def ensure_torchvision() -> None:
    """Import torchvision; where that fails for want of its operators, declare them first."""
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        for operator in _OPERATORS:
            torch.library.define(f"torchvision::{operator}", _SIGNATURE)
        import torchvision  # noqa: F401
