import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.background import Background, unit
from training.errors import LearningError
from training.heads import TrainingSet, fit

NAMES = ["a", "b", "c", "d", "e", "f"]


def training_set(vectors, labels, **options):
    return TrainingSet(vectors, labels, NAMES[: labels.shape[1]], **options)


@pytest.mark.parametrize("exclusive", [False, True])
def test_tells_well_separated_concepts_apart(clouds, background, exclusive):
    head = fit(training_set(*clouds([5, 5, 5])), background=background, exclusive=exclusive).head
    vectors, labels = clouds([20, 20, 20])
    assert (head.probabilities(vectors).argmax(1) == labels.argmax(1)).mean() > 0.95


@pytest.mark.parametrize("count", [1, 3])
def test_learns_from_positives_alone(clouds, background, random, count):
    vectors, _ = clouds([count + 20])
    ones = np.ones((count, 1), np.int8)
    head = fit(training_set(vectors[:count], ones), background=background).head
    unseen = unit(random.normal(size=(500, vectors.shape[1])))
    assert head.present(head.probabilities(vectors[count:])).mean() >= 0.8
    assert head.present(head.probabilities(unseen)).mean() <= 0.01


@pytest.mark.parametrize("exclusive", [False, True])
def test_pictures_far_from_everything_are_none_of_these(clouds, background, random, exclusive):
    head = fit(training_set(*clouds([8, 8, 8])), background=background, exclusive=exclusive).head
    strange = unit(random.normal(size=(300, background.bank.shape[1])))
    assert head.present(head.probabilities(strange)).any(axis=1).mean() <= 0.05


def test_exclusive_probabilities_leave_room_for_none(clouds, background):
    vectors, labels = clouds([5, 5, 5])
    head = fit(training_set(vectors, labels), background=background, exclusive=True).head
    probabilities = head.probabilities(vectors)
    assert (probabilities.sum(axis=1) <= 1 + 1e-6).all()
    assert (head.present(probabilities).sum(axis=1) <= 1).all()


def test_a_hundred_to_one_is_still_found(clouds, background):
    vectors, labels = clouds([4, 400])
    targets = np.where(labels[:, :1] > 0, 1, -1).astype(np.int8)
    head = fit(training_set(vectors, targets), background=background).head
    test, truth = clouds([50, 50])
    present = head.present(head.probabilities(test))[:, 0]
    assert present[truth[:, 0] > 0].mean() > 0.8
    assert present[truth[:, 1] > 0].mean() < 0.05


def test_one_picture_can_show_two_concepts(clouds, background):
    vectors, labels = clouds([10, 10])
    both = unit(vectors[:10] + vectors[10:])
    everything = np.concatenate([vectors, both])
    targets = np.concatenate([np.where(labels > 0, 1, -1), np.ones((10, 2))]).astype(np.int8)
    head = fit(training_set(everything, targets), background=background).head
    assert head.present(head.probabilities(both)).mean() > 0.8


def test_contradictory_labels_lower_what_is_promised(clouds, background):
    vectors, labels = clouds([6, 6])
    clean = fit(training_set(vectors, labels), background=background)
    twice = np.concatenate([vectors, vectors])
    flipped = np.concatenate([labels, labels[:, ::-1]])
    confused = fit(training_set(twice, flipped), background=background)
    assert np.isfinite(confused.head.weights).all()
    assert clean.evaluation.accuracy.value > 0.9
    assert confused.evaluation.accuracy.value < 0.6


def taken_for(probabilities, labels):
    return (probabilities.argmax(1) == labels.argmax(1)).mean()


def test_near_duplicates_in_a_group_are_left_out_together(random, background):
    vectors = unit(np.repeat(random.normal(size=(20, 48)), 2, axis=0))
    labels = np.eye(2, dtype=np.int8)[np.repeat(random.integers(0, 2, 20), 2)]
    groups = np.repeat(np.arange(20), 2).tolist()
    trusting = fit(training_set(vectors, labels), background=background)
    careful = fit(training_set(vectors, labels, groups=groups), background=background)
    assert taken_for(trusting.left_out, labels) > 0.95
    assert taken_for(careful.left_out, labels) < 0.9


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_concept_of_one_group_asks_for_no_more_than_one_of_a_single_picture(
    clouds, background, random, exclusive
):
    vectors, labels = clouds([1, 6])
    burst = unit(vectors[:1] + 0.01 * random.normal(size=(4, 48)))
    known = np.concatenate([burst, vectors[1:]]), np.concatenate([labels[[0] * 4], labels[1:]])
    data = training_set(*known, groups=[0] * 4 + [*range(1, 7)])
    [of_burst, _] = fit(data, background=background, exclusive=exclusive).head.thresholds
    assert of_burst < 0.65


def test_pictures_of_one_scene_do_not_vouch_for_each_other(random, background):
    near = np.repeat(random.normal(size=(20, 48)), 2, axis=0) + 0.2 * random.normal(size=(40, 48))
    labels = np.eye(2, dtype=np.int8)[np.repeat(random.integers(0, 2, 20), 2)]
    result = fit(training_set(unit(near), labels), background=background)
    assert taken_for(result.left_out, labels) > 0.95
    said = result.evaluation.accuracy
    assert said.value < 0.8
    assert said.high > 0.95  # of more pictures of the same scenes


def test_a_concept_of_one_scene_is_not_judged(random, background):
    near = np.repeat(random.normal(size=(2, 48)), 5, axis=0) + 0.1 * random.normal(size=(10, 48))
    labels = np.eye(2, dtype=np.int8)[np.repeat([0, 1], 5)]
    result = fit(training_set(unit(near), labels), background=background)
    assert result.evaluation.accuracy.value is None


def test_silence_about_a_concept_means_no_and_unlabelled_pictures_mean_nothing(clouds, background):
    vectors, labels = clouds([5, 5])
    said = training_set(vectors, np.where(labels > 0, 1, -1).astype(np.int8))
    implied = training_set(vectors, labels)
    extra = training_set(
        np.concatenate([vectors, vectors[:3]]), np.concatenate([labels, np.zeros((3, 2), np.int8)])
    )
    weights = [fit(data, background=background).head.weights for data in (said, implied, extra)]
    np.testing.assert_array_equal(weights[0], weights[1])
    np.testing.assert_array_equal(weights[0], weights[2])


def test_not_one_thing_says_nothing_of_the_others(clouds, background):
    vectors, labels = clouds([4, 6, 6])
    labels = labels[:, :2].copy()
    labels[[7, 8, 9]] = [-1, 0]  # show b, and were only said not to be a
    labels[[10, 11, 12]] = [-1, 0]  # show neither, and were only said not to be a
    head = fit(training_set(vectors, labels), background=background).head
    of_b = head.probabilities(vectors)[:, 1]
    assert of_b[[7, 8, 9]].min() > 0.5
    assert of_b[[10, 11, 12]].max() < 0.3


def test_more_agreement_makes_more_certain(clouds, background):
    vectors, _ = clouds([60])
    certain = []
    for count in (1, 3, 20):
        ones = np.ones((count, 1), np.int8)
        head = fit(training_set(vectors[:count], ones), background=background).head
        certain.append(float(np.median(head.probabilities(vectors[20:]))))
    assert certain == sorted(certain)
    assert certain[0] < 0.95


def test_probability_rises_with_the_score(clouds, background):
    vectors, labels = clouds([6, 6, 6], spread=1.5)
    head = fit(training_set(vectors, labels), background=background).head
    scores, probabilities = head.scores(vectors), head.probabilities(vectors)
    for column in range(3):
        order = np.argsort(scores[:, column])
        assert (np.diff(probabilities[order, column]) >= 0).all()


@pytest.mark.parametrize("exclusive", [False, True])
def test_the_order_of_images_does_not_matter(clouds, background, random, exclusive):
    vectors, labels = clouds([4, 7, 5])
    labels[:2] = [-1, 0, 0]  # leaves targets unknown
    order = random.permutation(len(vectors))
    one = fit(training_set(vectors, labels), background=background, exclusive=exclusive)
    other = fit(
        training_set(vectors[order], labels[order]), background=background, exclusive=exclusive
    )
    test, _ = clouds([5, 5, 5])
    np.testing.assert_allclose(
        one.head.probabilities(test), other.head.probabilities(test), atol=1e-4
    )


def test_pictures_in_a_plane_are_no_trouble(random, background):
    plane = np.linalg.qr(random.normal(size=(background.bank.shape[1], 2)))[0].T
    angle = np.concatenate([random.normal(0.3, 0.1, 15), random.normal(1.2, 0.1, 15)])
    vectors = (np.stack([np.cos(angle), np.sin(angle)], axis=1) @ plane).astype(np.float32)
    labels = np.eye(2, dtype=np.int8)[np.repeat([0, 1], 15)]
    result = fit(training_set(vectors, labels), background=background)
    assert taken_for(result.left_out, labels) == 1.0
    assert taken_for(result.head.probabilities(vectors), labels) == 1.0


def test_equal_scores_get_equal_answers(clouds, background):
    vectors, _ = clouds([6])
    twice = np.repeat(vectors[:3], 2, axis=0)
    labels = np.tile([[1], [-1]], (3, 1)).astype(np.int8)  # each picture is said both
    head = fit(training_set(twice, labels), background=background).head
    probabilities = head.probabilities(twice)
    np.testing.assert_array_equal(probabilities[::2], probabilities[1::2])
    assert 0.02 <= head.thresholds[0] <= 0.98
    assert probabilities.max() < 0.8


def test_a_background_that_holds_the_taught_pictures_does_not_deny_them(clouds, background):
    vectors, _ = clouds([23])
    ones = np.ones((3, 1), np.int8)
    bank = background.bank.copy()
    bank[[0, 1, 2, 150, 151, 152]] = np.tile(vectors[:3], (2, 1))
    own = Background((1.0,), (), bank)
    heads = [fit(training_set(vectors[:3], ones), background=b).head for b in (background, own)]
    present = [head.present(head.probabilities(vectors[3:])).mean() for head in heads]
    assert present[1] >= present[0] - 0.05
    scores = [head.scores(vectors[3:]) for head in heads]
    np.testing.assert_allclose(scores[1], scores[0], atol=0.05)


def test_works_without_any_background(clouds):
    vectors, labels = clouds([5, 5])
    empty = Background((1.0,), (), vectors[:0])
    head = fit(training_set(vectors, labels), background=empty).head
    assert (head.probabilities(vectors).argmax(1) == labels.argmax(1)).all()


def test_nothing_positive_is_nothing_to_learn(clouds):
    vectors, labels = clouds([3])
    with pytest.raises(LearningError) as caught:
        training_set(vectors, -labels)
    assert caught.value.code == "nothing_to_learn"


@settings(max_examples=40, deadline=None)
@given(
    images=st.integers(1, 12),
    concepts=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    exclusive=st.booleans(),
)
def test_whatever_is_labelled_gives_probabilities(images, concepts, seed, exclusive):
    random = np.random.default_rng(seed)
    vectors = unit(random.normal(size=(images, 8)))
    vectors[random.integers(images)] = vectors[0]
    labels = random.integers(-1, 2, (images, concepts)).astype(np.int8)
    labels[0, 0] = 1
    background = Background((1.0,), (), unit(random.normal(size=(120, 8))))
    result = fit(training_set(vectors, labels), background=background, exclusive=exclusive)
    probabilities = result.head.probabilities(vectors)
    assert np.isfinite(probabilities).all()
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
