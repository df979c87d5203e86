"""How far two people agree, against textbook figures."""

import pytest
from sklearn.metrics import cohen_kappa_score

from training.agreement import agreement


def test_the_textbook_example():
    """Two readers of 50 grant proposals, as in most texts on kappa."""
    found = agreement(both=20, first=5, second=10, neither=15)
    assert found.count == 50
    assert found.share.value == pytest.approx(0.7)
    assert found.kappa.value == pytest.approx(0.4)


@pytest.mark.parametrize("table", [(8, 1, 2, 5), (30, 9, 0, 2), (1, 6, 7, 1)])
def test_kappa_is_scikit_learns(table):
    both, first, second, neither = table
    one = [1] * both + [1] * first + [0] * second + [0] * neither
    two = [1] * both + [0] * first + [1] * second + [0] * neither
    assert agreement(*table).kappa.value == pytest.approx(cohen_kappa_score(one, two))


def test_the_interval_is_that_of_resampling():
    import numpy as np

    table = np.array([40, 10, 15, 35])
    random = np.random.default_rng(0)
    drawn = random.multinomial(table.sum(), table / table.sum(), size=4000)
    kappas = [agreement(*map(int, one)).kappa.value for one in drawn]
    low, high = np.quantile(kappas, [0.025, 0.975])
    found = agreement(*map(int, table)).kappa
    assert found.low == pytest.approx(low, abs=0.03)
    assert found.high == pytest.approx(high, abs=0.03)


def test_what_chance_alone_explains_has_no_kappa():
    found = agreement(both=10, first=0, second=0, neither=0)
    assert found.share.value == 1
    assert found.kappa.value is None


def test_full_agreement_is_one():
    assert agreement(both=10, first=0, second=0, neither=10).kappa.value == pytest.approx(1)


def test_who_never_says_no_leaves_no_interval():
    found = agreement(both=10, first=0, second=3, neither=0).kappa
    assert found.value == pytest.approx(0)
    assert found.low is None


def test_nothing_in_common_says_nothing():
    assert agreement(0, 0, 0, 0).share.value is None
