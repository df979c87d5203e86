"""Networks are converted once, by a child, and a failure is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from training.backbones import BUNDLED
from training.conversion import converted
from training.errors import BackboneError

BRANCH = BUNDLED["lite0"].branches[0]


def test_converted_once_and_kept(tmp_path: Path) -> None:
    model = converted(BRANCH, tmp_path)
    written_at = model.stat().st_mtime_ns
    assert converted(BRANCH, tmp_path) == model
    assert model.stat().st_mtime_ns == written_at


def test_what_cannot_be_converted_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BackboneError) as caught:
        converted(replace(BRANCH, architecture="no_such_network"), tmp_path)
    assert caught.value.code == "conversion_failed"
    assert [path.name for path in tmp_path.iterdir()] == ["converting.lock"]
