import numpy as np
import pytest
from scipy.stats import binomtest

from training.comparison import mcnemar, paired


@pytest.mark.parametrize(
    ("gained", "lost"), [(0, 0), (11, 3), (3, 11), (1, 1), (40, 20), (5900, 6000)]
)
def test_mcnemar_is_the_sign_test_on_what_changed(gained, lost):
    expected = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert mcnemar(gained, lost) == pytest.approx(expected)


def test_what_is_gained_and_lost_is_counted():
    before = np.array([True, True, False, False, False])
    after = np.array([True, False, True, True, False])
    pair = paired(before, after)
    assert (pair.gained, pair.lost, pair.items) == (2, 1, 5)
    assert pair.difference.value == pytest.approx(0.2)
    assert pair.difference.low < 0 < pair.difference.high


def test_a_large_and_lasting_difference_is_no_chance(random):
    before = random.random(400) < 0.6
    after = before | (random.random(400) < 0.5)
    pair = paired(before, after)
    assert pair.p_value < 0.001
    assert pair.difference.low > 0


def test_nothing_to_compare_is_no_difference():
    pair = paired(np.zeros(0, bool), np.zeros(0, bool))
    assert (pair.difference.value, pair.p_value) == (None, 1.0)
