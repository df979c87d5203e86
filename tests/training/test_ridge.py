import numpy as np
import pytest

from training.ridge import Ridge


def brute_force(rows, targets, weights, regulariser, out):
    keep = ~out
    x, w = rows[keep], weights[keep][:, None]
    gram = x.T @ (w * x) + regulariser * np.eye(rows.shape[1])
    return rows[out] @ np.linalg.solve(gram, x.T @ (w * targets[keep]))


@pytest.mark.parametrize(("count", "dimensions"), [(12, 30), (60, 9)])
def test_leave_one_out_is_what_refitting_without_each_row_gives(random, count, dimensions):
    rows, targets = random.normal(size=(count, dimensions)), random.normal(size=(count, 3))
    weights = random.uniform(0.2, 2, count)
    fit = Ridge(rows, weights).fit(targets)
    for row in range(count):
        out = np.arange(count) == row
        expected = brute_force(rows, targets, weights, fit.regulariser, out)
        np.testing.assert_allclose(fit.left_out[out], expected, atol=1e-6)


def test_rows_of_a_low_rank_are_left_out_exactly_too(random):
    rows = random.normal(size=(25, 3)) @ random.normal(size=(3, 40))
    rows[5] = rows[6]
    targets = random.normal(size=(25, 2))
    fit = Ridge(rows, np.ones(25)).fit(targets)
    for row in range(25):
        out = np.arange(25) == row
        expected = brute_force(rows, targets, np.ones(25), fit.regulariser, out)
        np.testing.assert_allclose(fit.left_out[out], expected, atol=1e-6)


@pytest.mark.parametrize(("count", "dimensions"), [(12, 30), (60, 9)])
def test_decomposed_once_it_serves_any_targets(random, count, dimensions):
    """As the rounds do that fill unknown targets with their own left-out predictions."""
    rows, weights = random.normal(size=(count, dimensions)), random.uniform(0.2, 2, count)
    groups = np.arange(count) // 2
    ridge, targets = Ridge(rows, weights, groups), random.normal(size=(count, 3))
    for _ in range(3):
        fit = ridge.fit(targets)
        for group in range(count // 2):
            out = groups == group
            expected = brute_force(rows, targets, weights, fit.regulariser, out)
            np.testing.assert_allclose(fit.left_out[out], expected, atol=1e-6)
        targets = targets.copy()
        targets[:4, 1] = fit.left_out[:4, 1]


def test_the_dual_form_gives_the_weights(random):
    for count, dimensions in ((12, 30), (60, 9)):
        rows, targets = random.normal(size=(count, dimensions)), random.normal(size=(count, 3))
        weights = random.uniform(0.2, 2, count)
        fit = Ridge(rows, weights).fit(targets)
        root = np.sqrt(weights)[:, None]
        gram = rows.T @ (weights[:, None] * rows) + fit.regulariser * np.eye(dimensions)
        expected = np.linalg.solve(gram, (rows * root).T @ (targets * root)).T
        np.testing.assert_allclose(fit.weights, expected, atol=1e-8)
        np.testing.assert_allclose(fit.pulls.T @ rows, expected, atol=1e-4)


def test_a_group_is_left_out_together(random):
    rows, targets = random.normal(size=(20, 6)), random.normal(size=(20, 2))
    groups = np.array([0, 0, 0, 1, 1, *range(2, 17)])
    fit = Ridge(rows, np.ones(20), groups).fit(targets)
    for group in range(17):
        out = groups == group
        expected = brute_force(rows, targets, np.ones(20), fit.regulariser, out)
        np.testing.assert_allclose(fit.left_out[out], expected, atol=1e-6)


def test_both_sides_of_the_gram_matrix_give_the_same_weights(random):
    rows, targets = random.normal(size=(10, 10)), random.normal(size=(10, 2))
    tall = np.concatenate([rows, np.zeros((1, 10))])
    one = np.array([0.5])
    dual = Ridge(rows, np.ones(10)).fit(targets, regularisers=one)
    primal = Ridge(tall, np.ones(11)).fit(np.vstack([targets, [[0, 0]]]), regularisers=one)
    np.testing.assert_allclose(dual.weights, primal.weights, atol=1e-8)


def test_copies_of_one_row_are_no_trouble():
    rows = np.ones((6, 4))
    fit = Ridge(rows, np.ones(6)).fit(np.ones((6, 1)))
    assert np.isfinite(fit.left_out).all()


def test_the_cost_is_of_the_targets_whatever_rows_weigh(random):
    """Or rows that share their weight with others would seem to be known better."""
    rows, targets = random.normal(size=(20, 30)), random.normal(size=(20, 3))
    fit = Ridge(rows, random.uniform(0.2, 2, 20)).fit(targets, regularisers=np.array([0.25]))
    error = ((targets - fit.left_out) ** 2).mean()
    assert fit.cost == pytest.approx(20 * np.log(error))
