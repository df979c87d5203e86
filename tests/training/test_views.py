import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import drawn_picture
from training.background import unit
from training.embed import Embedder
from training.errors import LearningError
from training.heads import TrainingSet, fit
from training.influence import influence
from training.views import COUNT, embed_views

NAMES = ["a", "b", "c"]


@pytest.fixture
def framed(clouds, random):
    """Return a function that draws pictures of which much is framing, and other framings."""
    frames = random.normal(size=(4, 48))

    def draw(counts):
        vectors, labels = clouds(counts, spread=0.2)
        shifts = random.normal(size=(len(vectors), 1 + COUNT, 4)) @ frames
        shown = unit(vectors[:, None] + 0.35 * shifts)
        return shown[:, 0], shown[:, 1:], labels

    return draw


def test_views_teach_what_framing_is(framed, background):
    vectors, views, labels = framed([4, 4, 4])
    plain = fit(TrainingSet(vectors, labels, NAMES), background=background)
    closer = fit(TrainingSet(vectors, labels, NAMES, views=views), background=background)
    assert plain.evaluation.viewed == 0
    assert closer.evaluation.viewed == 12
    others, _, truth = framed([50, 50, 50])
    right = [
        (result.head.scores(others).argmax(1) == truth.argmax(1)).mean()
        for result in (plain, closer)
    ]
    assert right[1] > right[0]


def test_views_that_mislead_are_left_aside(clouds, background):
    vectors, labels = clouds([5, 5, 5])
    views = np.stack([np.roll(vectors, 5, axis=0)] * COUNT, axis=1)
    result = fit(TrainingSet(vectors, labels, NAMES, views=views), background=background)
    assert result.evaluation.viewed == 0
    plain = fit(TrainingSet(vectors, labels, NAMES), background=background)
    np.testing.assert_array_equal(result.head.weights, plain.head.weights)


def test_only_examples_are_learned_with_their_views(framed, background):
    vectors, views, labels = framed([1, 1, 1])
    result = fit(TrainingSet(vectors, labels, NAMES, views=views), background=background)
    assert result.viewed.tolist() == [0, 0, 1, 1, 2, 2]


def test_pictures_without_views_are_learned_as_they_are(framed, background):
    vectors, views, labels = framed([4, 4, 4])
    views[[1, 5]] = np.nan
    result = fit(TrainingSet(vectors, labels, NAMES, views=views), background=background)
    assert set(range(12)) - set(result.viewed.tolist()) == {1, 5}


def test_a_left_out_picture_is_judged_by_a_head_without_its_views(framed, background):
    """Or a concept with one picture would be recognised by its own corners."""
    vectors, views, labels = framed([4, 4, 1])
    result = fit(TrainingSet(vectors, labels, NAMES, views=views), background=background)
    assert result.evaluation.viewed == 9
    assert result.left_out[8, 2] < result.head.probabilities(vectors[8:])[0, 2]
    assert result.left_out[8, 2] < 0.3


def test_the_parts_of_a_score_hold_what_views_gave(framed, background):
    vectors, views, labels = framed([4, 4, 4])
    views[2] = np.nan
    result = fit(TrainingSet(vectors, labels, NAMES, views=views), background=background)
    assert len(result.viewed) == 11 * COUNT
    others, _, _ = framed([2, 2, 2])
    for vector, scores in zip(others, result.head.scores(others), strict=True):
        found = influence(
            vector,
            vectors,
            background.bank,
            result.pulls[:, 1],
            views=np.delete(views, 2, axis=0).reshape(-1, vectors.shape[1]),
            viewed=result.viewed,
        )
        assert found.score == pytest.approx(scores[1], abs=1e-4)


def test_views_must_belong_to_the_vectors(framed):
    vectors, views, labels = framed([2, 2, 2])
    with pytest.raises(LearningError):
        TrainingSet(vectors, labels, NAMES, views=views[1:])


def test_views_are_of_opposite_corners():
    embedder = Embedder.load("lite0")
    in_corner = drawn_picture(size=(400, 400), circle=(350, 50, 40))
    [views] = embed_views(embedder, {"it": in_corner}).values()
    assert views.shape == (COUNT, embedder.dimensions)
    near, far = (
        embedder.embed({"it": picture})["it"]
        for picture in (
            in_corner.crop((100, 0, 400, 300)),
            Image.new("RGB", (400, 400), (70, 110, 80)),
        )
    )
    assert views[0] @ near > views[1] @ near
    assert views[1] @ far > views[0] @ far
