"""Care for the examples: wrong labels, oddities, duplicates, clusters, what to label next."""

import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest

from training.background import unit
from training.care.clusters import cluster, typical
from training.care.groups import near_duplicates
from training.care.inspection import inspect
from training.care.oddities import conflicts, fault, inseparable, outliers
from training.care.teach_most import teach_most
from training.care.wrong_labels import Examination


@contextmanager
def memory():
    """Measure the most that arrays take meanwhile."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestWrongLabels:
    def test_flips_are_found_and_what_was_meant(self, clouds):
        vectors, labels = clouds([12] * 4, spread=0.6)
        given = labels.copy()
        given[[0, 20]] = labels[[30, 40]]
        suspects = Examination(vectors, np.where(given > 0, 1, -1).astype(np.int8)).wrong_labels()
        assert {suspect.row for suspect in suspects} == {0, 20}
        assert {(s.row, s.suggested) for s in suspects} == {(0, 0), (20, 1)}

    def test_of_right_labels_none_is_listed(self, clouds):
        vectors, labels = clouds([12] * 4, spread=0.6)
        assert not Examination(vectors, np.where(labels > 0, 1, -1).astype(np.int8)).wrong_labels()

    def test_of_independent_concepts_each_label_is_judged(self, clouds):
        vectors, labels = clouds([15, 15, 15], spread=0.4)
        targets = np.where(labels > 0, 1, -1).astype(np.int8)[:, :2]
        targets[3, 0] = -1
        [suspect] = Examination(vectors, targets).wrong_labels()
        assert (suspect.row, suspect.concept, suspect.label) == (3, 0, -1)

    def test_mending_is_measured_on_the_others(self, clouds):
        vectors, labels = clouds([6] * 4, spread=1.2)
        given = labels.copy()
        given[[0, 7, 14]] = labels[[7, 14, 0]]
        examination = Examination(vectors, np.where(given > 0, 1, -1).astype(np.int8))
        suspects = [s for s in examination.wrong_labels() if s.row in {0, 7, 14}]
        assert examination.gain(suspects) >= 0
        mended = examination.mended(suspects)
        assert (mended.argmax(axis=1) == labels.argmax(axis=1)).sum() > 21

    def test_few_pictures_are_no_ground_for_suspicion(self, clouds):
        vectors, labels = clouds([1, 1])
        assert not Examination(vectors, np.where(labels > 0, 1, -1).astype(np.int8)).wrong_labels()


def test_an_outlier_stands_out_from_its_concept(clouds):
    vectors, labels = clouds([10, 10], spread=0.3)
    labels[15] = [1, 0]
    assert [(row, concept) for row, concept, _ in outliers(vectors, labels)] == [(15, 0)]


def test_many_examples_of_a_concept_are_compared_in_parts(random):
    vectors = unit(np.ones(16) + 0.3 * random.normal(size=(3000, 16)))
    vectors[2500] *= -1
    with memory() as peak_bytes:
        found = outliers(vectors, np.ones((3000, 1), np.int8))
        assert peak_bytes() < 20e6  # all pairs take 36 MB
    assert found[0][:2] == (2500, 0)


def test_near_duplicates_of_which_opposite_things_are_said():
    targets = np.array([[1], [-1], [1], [1]], np.int8)
    assert conflicts(targets, np.array([7, 7, 8, 8])) == [(1, 0, 0)]


def test_concepts_that_are_taken_for_each_other():
    targets = np.repeat(np.eye(3, dtype=np.int8), 10, axis=0)
    scores = targets.astype(float)
    scores[:8] = scores[10:18]
    [pair] = inseparable(scores, targets)
    assert (pair.concept, pair.other, pair.share) == (0, 1, 0.4)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, None),
        ({"brightness": 0.03}, "dark"),
        ({"contrast": 0.0}, "empty"),
        ({"sharpness": 0.01}, "blurred"),
        ({"width": 20}, "tiny"),
    ],
)
def test_bad_pictures_are_named(changed, kind):
    fine = {"brightness": 0.5, "contrast": 0.2, "sharpness": 0.6, "width": 400, "height": 300}
    assert fault(**fine | changed) == kind


def test_an_inspection_names_the_worst_first(clouds):
    vectors, labels = clouds([12] * 4, spread=0.6)
    labels[[0, 20]] = labels[[30, 40]]
    found = inspect(vectors, labels, range(len(labels)), is_exclusive=True)
    assert [(one.kind, one.row) for one in found[:2]] == [("wrong_label", 0), ("wrong_label", 20)]
    assert found[0].gain is not None


class TestGroups:
    def test_the_same_picture_scaled_is_a_duplicate_and_another_is_none(self, clouds):
        vectors, _ = clouds([1, 1])
        vectors = np.concatenate([vectors, vectors[:1]])
        hashes = np.array([0b1111, -1, 0b0111], np.int64)
        pairs = set(map(tuple, near_duplicates(vectors, hashes, vectors, hashes).tolist()))
        assert pairs == {(0, 0), (1, 1), (2, 2), (0, 2), (2, 0)}


class TestClusters:
    def test_what_looks_alike_is_together(self, clouds):
        vectors, labels = clouds([9, 14, 5], spread=0.2)
        numbers = cluster(vectors, 3)
        for concept in range(3):
            assert len(set(numbers[labels[:, concept] == 1])) == 1

    def test_few_pictures_and_none(self, clouds):
        assert cluster(clouds([1])[0], 5).tolist() == [0]
        assert len(cluster(np.zeros((0, 8), np.float32), 5)) == 0

    def test_the_most_typical_comes_first(self, clouds):
        vectors, _ = clouds([9, 1], spread=0.2)
        assert typical(vectors)[-1] == 9


class TestTeachMost:
    def test_no_two_alike_are_chosen_before_every_kind_is(self, clouds):
        vectors, labels = clouds([4, 3, 3], spread=0.1)
        chosen = teach_most(vectors[:0], vectors, None, count=3)
        assert {int(labels[row].argmax()) for row in chosen} == {0, 1, 2}

    def test_what_is_known_already_is_left(self, clouds):
        vectors, labels = clouds([10, 10], spread=0.1)
        first = labels[:, 0] == 1
        chosen = teach_most(vectors[first], vectors, None, count=1)
        assert not first[chosen[0]]

    def test_doubt_counts(self, clouds):
        vectors, _ = clouds([6], spread=1.0)
        sure = np.tile(np.array([[0.99, 0.01]], np.float32), (6, 1))
        sure[4] = [0.5, 0.5]
        assert teach_most(vectors[:0], vectors, sure, count=1) == [4]

    def test_of_many_examples_no_two_are_compared(self, random):
        labelled, pool = unit(random.normal(size=(3000, 16))), unit(random.normal(size=(50, 16)))
        with memory() as peak_bytes:
            many = teach_most(labelled, pool, None, count=5)
            assert peak_bytes() < 10e6  # all pairs take 72 MB
        # Directions that no picture has make the other side the smaller one.
        wider = [np.pad(vectors, ((0, 0), (0, 3000))) for vectors in (labelled[:200], pool)]
        few = teach_most(labelled[:200], pool, None, count=5)
        assert teach_most(*wider, None, count=5) == few
        assert len(set(many)) == 5
