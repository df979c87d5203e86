import numpy as np
import pytest
from PIL import Image

from training.backbones import get_spec
from training.background import load_background
from training.embed import Embedder
from training.explain import explain
from training.heads import TrainingSet, fit

PLACES = [(20, 20), (220, 20), (20, 220), (220, 220)]


def scene(random, place=None):
    """A soft noisy ground, and where asked a checkered object of a third of its side."""
    ground = Image.fromarray(random.integers(60, 120, (12, 12, 3)).astype(np.uint8))
    image = ground.resize((360, 360), Image.Resampling.BICUBIC)
    if place:
        board = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
        pasted = Image.fromarray(np.stack([board, board // 3, 255 - board], axis=2))
        image.paste(pasted.resize((120, 120), Image.Resampling.NEAREST), place)
    return image


@pytest.mark.parametrize("place", PLACES)
def test_the_evidence_lies_on_the_object(random, place, head_of_scenes):
    image = scene(random, place)
    spec, background = get_spec("lite0"), load_background("lite0")
    evidence = explain(image, "board", head=head_of_scenes, spec=spec, background=background)
    assert evidence.shape == (128, 128)
    y, x = np.unravel_index(evidence.argmax(), evidence.shape)
    left, top = (edge * 128 / 360 for edge in place)
    assert left - 8 <= x <= left + 128 / 3 + 8
    assert top - 8 <= y <= top + 128 / 3 + 8


@pytest.fixture(scope="module")
def head_of_scenes():
    random = np.random.default_rng(3)
    places = [*PLACES, (120, 120), (60, 160)]
    images = {n: scene(random, place) for n, place in enumerate(places)}
    images |= {n + 10: scene(random) for n in range(6)}
    vectors = Embedder.load("lite0", threads=2).embed(images)
    labels = np.array([[1 if n < 10 else -1] for n in vectors], np.int8)
    data = TrainingSet(np.stack(list(vectors.values())), labels, ["board"])
    return fit(data, background=load_background("lite0")).head


def test_an_unknown_concept_is_an_error(head_of_scenes, random):
    with pytest.raises(ValueError):
        explain(
            scene(random),
            "zebra",
            head=head_of_scenes,
            spec=get_spec("lite0"),
            background=load_background("lite0"),
        )
