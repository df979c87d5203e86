"""A text-image model of open_clip's own making, tiny and with random weights: it knows nothing.

Pretrained ones can't be had where the tests run.
"""

import json
from pathlib import Path

_CONFIG = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 32,
        "heads": 2,
        "layers": 2,
    },
}
_PREPROCESSING = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}


def write(folder: Path, *, seed: int = 0) -> str:
    """Write one as open_clip keeps it, and return its name."""
    import torch
    from safetensors.torch import save_file

    from training.torchvision_shim import ensure_torchvision

    ensure_torchvision()
    import open_clip

    torch.manual_seed(seed)
    model = open_clip.CLIP(**_CONFIG)
    folder.mkdir(exist_ok=True)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    told = {"model_cfg": _CONFIG, "preprocess_cfg": _PREPROCESSING}
    (folder / "open_clip_config.json").write_text(json.dumps(told))
    return f"local-dir:{folder}"
