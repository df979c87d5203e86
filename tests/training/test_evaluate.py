import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from training.background import unit
from training.estimates import calibration_error, wilson
from training.evaluate import average_precision
from training.heads import TrainingSet, fit


def test_wilson_interval_as_published():
    estimate = wilson(8, 10)
    assert estimate.value == pytest.approx(0.8)
    assert estimate.low == pytest.approx(0.490, abs=1e-3)
    assert estimate.high == pytest.approx(0.943, abs=1e-3)


def test_nothing_tried_is_nothing_known():
    assert wilson(0, 0).value is None


def test_average_precision_agrees_with_scikit_learn(random):
    scores = random.normal(size=200).astype(np.float32)
    positive = random.uniform(size=200) < 0.3
    expected = average_precision_score(positive, scores)
    assert average_precision(scores, positive) == pytest.approx(expected)


def test_calibration_error_of_overconfidence_is_the_gap():
    certain = np.full(100, 0.95, np.float32)
    right = np.arange(100) < 70
    assert calibration_error(certain, right) == pytest.approx(0.25, abs=1e-6)


def test_leave_one_out_figures_foretell_those_of_new_pictures(clouds, background):
    vectors, labels = clouds([12] * 6, spread=2.2)
    names = [*"abcdef"]
    result = fit(TrainingSet(vectors, labels, names), background=background)
    test, truth = clouds([200] * 6, spread=2.2)
    true_accuracy = (result.head.probabilities(test).argmax(1) == truth.argmax(1)).mean()
    said = result.evaluation.accuracy
    assert said.low <= true_accuracy <= said.high


def test_an_only_example_cannot_be_judged(clouds, background):
    vectors, labels = clouds([1, 1])
    evaluation = fit(TrainingSet(vectors, labels, ["a", "b"]), background=background).evaluation
    assert evaluation.accuracy.value is None


def test_mislabelled_pictures_head_the_list_of_wrong_ones(clouds, background):
    vectors, labels = clouds([15, 15])
    labels[4] = labels[4][::-1]
    ids = [f"image-{n}" for n in range(30)]
    data = TrainingSet(vectors, labels, ["a", "b"], image_ids=ids)
    wrong = fit(data, background=background).evaluation.wrong
    assert wrong[0].image == "image-4"


def test_confusion_counts_every_single_concept_picture_once(clouds, background):
    vectors, labels = clouds([7, 9, 5], spread=1.0)
    data = TrainingSet(vectors, labels, ["a", "b", "c"])
    confusion = np.array(fit(data, background=background).evaluation.confusion)
    assert confusion.sum(axis=1).tolist() == [7, 9, 5]


def test_learning_curve_ends_with_all_examples(clouds, background):
    vectors, labels = clouds([16, 16, 16], spread=2.0)
    data = TrainingSet(vectors, labels, ["a", "b", "c"])
    curve = fit(data, background=background).evaluation.learning_curve
    assert curve.examples == sorted(curve.examples)
    assert curve.examples[-1] == 16
    assert 0 <= curve.gain < 0.5


def test_learning_curve_tells_what_each_concept_would_gain_and_how_sure_that_is(clouds, background):
    vectors, labels = clouds([24, 12, 8], spread=4.0)
    data = TrainingSet(vectors, labels, ["a", "b", "c"])
    evaluation = fit(data, background=background).evaluation
    curves = evaluation.learning_curve.concepts
    assert [curve.examples[-1] for curve in curves] == [24, 12, 8]
    for curve in curves:
        assert curve.examples == sorted(curve.examples)
        assert all(one.low <= one.value <= one.high for one in curve.accuracy)
        assert 0 <= curve.gain.low <= curve.gain.value <= curve.gain.high < 1
        assert curve.gain.value <= 1 - curve.accuracy[-1].value


def test_learning_curve_does_not_test_on_near_duplicates_of_what_it_saw(random, background):
    """Nothing can be learned of these but each picture itself, by which its twin is known."""
    vectors = unit(np.repeat(random.normal(size=(40, 48)), 2, axis=0))
    labels = np.eye(2, dtype=np.int8)[np.repeat(random.permutation([0, 1] * 20), 2)]
    groups = np.repeat(np.arange(40), 2).tolist()
    data = TrainingSet(vectors, labels, ["a", "b"], groups=groups)
    curve = fit(data, background=background).evaluation.learning_curve
    assert max(curve.accuracy) < 0.75


def test_learning_curve_of_one_group_is_not_drawn(random, background):
    vectors = unit(random.normal(size=48) + 0.01 * random.normal(size=(12, 48)))
    labels = np.eye(2, dtype=np.int8)[[0, 1] * 6]
    data = TrainingSet(vectors, labels, ["a", "b"], groups=[1] * 12)
    assert fit(data, background=background).evaluation.learning_curve.gain is None


def test_everything_can_be_written_as_json(clouds, background):
    data = TrainingSet(*clouds([3, 1]), ["a", "b"])
    json.dumps(fit(data, background=background).evaluation.to_dict())


def test_a_picture_that_shows_nothing_does_not_change_what_accuracy_is(clouds, background, random):
    """Of right answers most are that something is not there, so that their share is flattering."""
    vectors, labels = clouds([6] * 6, spread=2.5)
    nothing = unit(random.normal(size=(1, 48)))
    corrected = np.array([[-1, 0, 0, 0, 0, 0]], np.int8)
    before, after = (
        fit(TrainingSet(*known, [*"abcdef"]), background=background).evaluation.accuracy
        for known in (
            (vectors, labels),
            (np.concatenate([vectors, nothing]), np.concatenate([labels, corrected])),
        )
    )
    assert after.value == pytest.approx(before.value, abs=0.1)


@pytest.mark.parametrize("count", [2, 3])
def test_near_duplicates_of_different_concepts_are_no_trouble_and_promise_nothing(
    random, background, count
):
    """Two scenes, each said to show every concept: who guesses is right once in so many."""
    pictures = np.repeat(random.normal(size=(2, 48)), count, axis=0)
    vectors = unit(pictures + 0.01 * random.normal(size=pictures.shape))
    labels = np.eye(count, dtype=np.int8)[[*range(count)] * 2]
    data = TrainingSet(vectors, labels, [*"abc"[:count]], groups=[0] * count + [1] * count)
    assert fit(data, background=background).evaluation.accuracy.value < 0.9


@pytest.mark.parametrize("groups", [None, [1, 1, 1, 2, 3, 4, 5, 6]])
def test_what_cannot_be_left_out_is_not_judged(clouds, background, groups):
    """Without its only picture, or only group, nothing is left to know a concept by."""
    counts = [1, 7] if groups is None else [3, 5]
    data = TrainingSet(*clouds(counts), ["a", "b"], groups=groups)
    evaluation = fit(data, background=background).evaluation
    only, other = evaluation.concepts
    assert (only.support, only.recall.value, only.f1.value) == (0, None, None)
    assert only.negatives == counts[1]
    assert other.recall.value == 1
    assert not [wrong for wrong in evaluation.wrong if wrong.label > 0]


def test_a_single_concept_leaves_out_scenes_too(random, background):
    """Of twenty pictures of one scene and one of another, only two things are known."""
    centre = random.normal(size=48)
    scene = centre + 1.2 * random.normal(size=(1, 48)) + 0.05 * random.normal(size=(20, 48))
    other = centre + 1.2 * random.normal(size=(1, 48))
    vectors = unit(np.concatenate([scene, other, random.normal(size=(20, 48))]))
    labels = np.array([[1]] * 21 + [[-1]] * 20, np.int8)
    accuracy = fit(TrainingSet(vectors, labels, ["a"]), background=background).evaluation.accuracy
    plain = fit(
        TrainingSet(vectors[20:], labels[20:], ["a"]), background=background
    ).evaluation.accuracy
    assert accuracy.low < 0.75
    assert plain.value is None  # one scene alone cannot be judged
