import numpy as np
import pytest

from training.estimates import calibration_error
from training.heads.calibrating import Evidence, calibrate
from training.heads.calibration import best_f1_thresholds, fit_platt


def platt(scores, positive, **options):
    defaults = {"usual_slope": 5.0, "slope_deviation": 1.0}
    return fit_platt(scores, positive, np.ones(scores.shape), **(defaults | options))


def test_finds_the_slope_that_made_the_labels(random):
    scores = random.normal(size=(20_000, 1))
    positive = random.uniform(size=scores.shape) < 1 / (1 + np.exp(-(3 * scores - 1)))
    slope, offset = platt(scores, positive, slope_deviation=10.0)
    assert abs(slope[0] - 3) < 0.2
    assert abs(offset[0] + 1) < 0.1
    probability = 1 / (1 + np.exp(-slope * scores - offset))
    assert calibration_error(probability.ravel(), positive.ravel()) < 0.01


def test_slope_stays_positive_when_scores_are_upside_down(random):
    scores = random.normal(size=(50, 1))
    slope, _ = platt(scores, scores < 0)
    assert slope[0] > 0


def test_three_examples_never_claim_certainty():
    scores = np.array([[1.0], [1.0], [1.0], [-1.0], [-1.0]])
    slope, offset = platt(scores, scores > 0)
    assert 1 / (1 + np.exp(-slope - offset))[0] < 0.999


def test_threshold_lies_in_the_gap():
    probabilities = np.array([[0.9], [0.8], [0.3], [0.1]])
    positive = np.array([[True], [True], [False], [False]])
    threshold = best_f1_thresholds(probabilities, positive, np.ones((4, 1)))[0]
    assert 0.3 < threshold < 0.8


def test_no_threshold_cuts_between_equals():
    probabilities = np.array([[0.9], [0.6], [0.6], [0.6], [0.1]])
    positive = np.array([[True], [True], [False], [True], [False]])
    threshold = best_f1_thresholds(probabilities, positive, np.ones((5, 1)))[0]
    assert 0.1 < threshold < 0.6


@pytest.mark.parametrize("exclusive", [False, True])
def test_what_is_left_out_with_all_of_its_kind_says_nothing(random, exclusive):
    """Examples of one group leave nothing to be recognised by, as an only example does."""
    targets = np.where(np.eye(2)[[0, 0, 0, 1, 1, 1]] > 0, 1, -1).astype(np.int8)
    unseen = random.normal(-0.9, 0.05, (300, 2))

    def thresholds(of_the_group):
        left_out = np.where(targets > 0, 0.5, -0.8)
        left_out[:3, 0] = of_the_group
        groups = np.array([0, 0, 0, 1, 2, 3])
        evidence = Evidence(left_out, targets.astype(float), targets, unseen, groups)
        return calibrate(evidence, exclusive=exclusive)[1]

    np.testing.assert_array_equal(thresholds(-0.9), thresholds(0.7))
