from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import drawn_picture
from training.backbones import get_spec
from training.background import load_background
from training.errors import LearningError
from training.heads import TrainingSet
from training.refine import Stopped, folds, refine

SPEC = get_spec("lite0")


@pytest.fixture
def task(random):
    discs = [drawn_picture(circle=(100 + 20 * n, 120, 50)) for n in range(3)]
    noise = [Image.effect_noise((320, 240), 60 + n).convert("RGB") for n in range(3)]
    vectors = random.normal(size=(6, SPEC.dimensions)).astype(np.float32)
    labels = np.eye(2, dtype=np.int8)[[0, 0, 0, 1, 1, 1]]
    return discs + noise, TrainingSet(vectors, labels, ["disc", "noise"])


def test_stops_at_once_when_told_to(task):
    told = []
    result = refine(
        *task,
        spec=SPEC,
        background=load_background("lite0"),
        progress=told.append,
        should_stop=lambda: True,
    )
    assert result.stopped
    assert not result.kept
    assert told == []


def test_stops_between_steps(task):
    shares = []
    result = refine(
        *task,
        spec=SPEC,
        background=load_background("lite0"),
        progress=shares.append,
        should_stop=lambda: bool(shares) and shares[-1] >= 0.2,
    )
    assert result.stopped
    assert shares[-1] == pytest.approx(0.2)


def test_what_is_perfect_already_is_not_replaced(task, monkeypatch):
    monkeypatch.setattr("training.finetune._EPOCHS", 1)
    result = refine(*task, spec=SPEC, background=load_background("lite0"))
    assert result.accuracy_before == 1.0
    assert not result.kept
    assert result.fitted is None


def test_too_few_examples_are_an_error(task):
    images, data = task
    few = TrainingSet(data.vectors[1:], data.labels[1:], data.concepts)
    with pytest.raises(LearningError):
        refine(images[1:], few, spec=SPEC, background=load_background("lite0"))


def test_no_group_is_divided_between_folds():
    labels = np.eye(2, dtype=bool)[np.repeat([0, 1], 12)]
    groups = np.repeat(np.arange(12), 2)
    fold_of = folds(labels, groups)
    assert (fold_of[::2] == fold_of[1::2]).all()
    for concept in labels.T:
        assert np.bincount(fold_of[concept]).tolist() == [4, 4, 4]


def test_near_duplicates_are_one_example(task):
    images, data = task
    same = replace(data, groups=[1, 1, 2, 3, 4, 5])
    with pytest.raises(LearningError):
        refine(images, same, spec=SPEC, background=load_background("lite0"))


def test_of_very_many_pictures_some_of_every_concept_are_tuned_on(task, monkeypatch):
    seen = []

    class Spy:
        def __init__(self, images, training_set, *_):
            seen.extend([len(images), training_set.labels.sum(axis=0).tolist()])
            raise Stopped

    monkeypatch.setattr("training.refine._Run", Spy)
    monkeypatch.setattr("training.refine._MOST_PICTURES", 7)
    images, data = task
    rows = [0, 1, 2] * 5 + [3, 4, 5]
    refine([images[row] for row in rows], data.at(rows), spec=SPEC, background=None)
    assert seen == [7, [4, 3]]
