"""The learning benchmark: that it runs on what it is given, and prints what it was asked for."""

import json

import pytest

from tests.training.conftest import drawn_picture
from training.benchmark import timing
from training.benchmark.command import main


@pytest.fixture
def folder(tmp_path):
    """Five pictures each of discs on the left and on the right."""
    for name, x in (("left", 70), ("right", 250)):
        (tmp_path / "discs" / name).mkdir(parents=True)
        for number in range(5):
            image = drawn_picture(circle=(x, 80 + 20 * number, 40))
            image.save(tmp_path / "discs" / name / f"{number}.png")
    return tmp_path / "discs"


def test_any_backbone_and_any_number_of_shots(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(timing, "_SIZES", ((20, 2, 1),))
    out = tmp_path / "out.json"
    asked = ["--backbone", "lite0", "--shots", "4", "--draws", "2", "--timing", "--json", str(out)]
    main(["--data", str(folder), *asked])
    figures = json.loads(out.read_text())
    assert figures["mean"]["pupil"].keys() == {"4"}
    assert figures["fit_seconds"]["20 x 2"] > 0
    table = capsys.readouterr().out.split("balanced accuracy in %, mean of sets")[1]
    assert table.split()[:2] == ["shots", "4"]
