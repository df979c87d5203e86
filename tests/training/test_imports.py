"""What may import what, asked of fresh interpreters."""

import subprocess
import sys

import pytest

WITHOUT_TORCH = [
    "training.errors",
    "training.images",
    "training.backbones",
    "training.background",
    "training.heads",
    "training.evaluate",
    "training.artifacts",
]


def run(program):
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("module", [*WITHOUT_TORCH, "training.embed"])
def test_needs_neither_torch_nor_django(module):
    block = "import sys; sys.modules['django'] = sys.modules['torch'] = None;"
    run(f"{block} import {module}")


def test_fingerprint_and_background_need_no_torch():
    run(
        "import sys; sys.modules['torch'] = None;"
        "from training.backbones import get_spec; get_spec().fingerprint;"
        "from training.background import load_background; load_background()"
    )
