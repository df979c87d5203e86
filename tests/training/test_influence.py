import numpy as np
import pytest

from training.heads import TrainingSet, fit
from training.influence import influence


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("counts", [[4, 6, 2], [40, 30, 30]])
def test_the_parts_of_a_score_are_the_score(clouds, background, counts, exclusive):
    vectors, labels = clouds(counts)
    labels[:2, 1] = -1
    labels[2] = [0, 0, -1]  # which says nothing of the others
    result = fit(
        TrainingSet(vectors, labels, ["a", "b", "c"]), background=background, exclusive=exclusive
    )
    others, _ = clouds([2, 2, 2])
    scores = result.head.scores(others)
    for row, vector in enumerate(others):
        for concept in range(3):
            found = influence(vector, vectors, background.bank, result.pulls[:, concept])
            assert found.score == pytest.approx(scores[row, concept], abs=1e-4)


def test_examples_of_a_concept_speak_for_it(clouds, background):
    vectors, labels = clouds([5, 5])
    result = fit(TrainingSet(vectors, labels, ["a", "b"]), background=background)
    [like_a], _ = clouds([1, 0])
    found = influence(like_a, vectors, background.bank, result.pulls[:, 0])
    assert (found.pictures[:5] > 0).all()
    assert np.argmax(found.pictures) < 5
