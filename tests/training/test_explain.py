import numpy as np
import pytest
import torch
from PIL import Image

from training import networks
from training.backbones import get_spec
from training.background import load_background
from training.embed import Embedder
from training.explain import explain
from training.heads import TrainingSet, fit
from training.left_out_cells import _tiles, left_out_cells

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


@pytest.fixture
def untrained_transformer(monkeypatch):
    """A tiny vision transformer as the hub would give it, but with random weights."""

    def create(architecture):
        torch.manual_seed(0)
        return networks.timm.create_model(architecture, pretrained=False)

    monkeypatch.setattr(networks, "_from_hub", create)
    yield "test_vit"
    get_spec.cache_clear()
    load_background.cache_clear()


def test_of_a_transformer_patches_are_left_out(random, untrained_transformer):
    """Random weights see colour, and that is enough to tell where the object is."""
    spec = get_spec(untrained_transformer)
    background = load_background(untrained_transformer)
    images = {n: scene(random, place) for n, place in enumerate(PLACES * 2)}
    images |= {n + 10: scene(random) for n in range(8)}
    vectors = Embedder.load(untrained_transformer, threads=2).embed(images)
    labels = np.array([[1 if n < 10 else -1] for n in vectors], np.int8)
    head = fit(
        TrainingSet(np.stack(list(vectors.values())), labels, ["board"]), background=background
    ).head
    hits = 0
    for left, top in PLACES:
        image = scene(random, (left, top))
        evidence = explain(image, "board", head=head, spec=spec, background=background)
        assert evidence.shape == (128, 128)
        y, x = np.unravel_index(evidence.argmax(), evidence.shape)
        hits += left - 24 <= x * 360 / 128 <= left + 144 and top - 24 <= y * 360 / 128 <= top + 144
    assert hits >= 3


def test_what_is_left_out_of_a_large_transformer_is_a_tile(untrained_transformer):
    network = networks.build_network(get_spec(untrained_transformer).branches[0])
    pixels = torch.zeros((1, 160, 160, 3), dtype=torch.uint8)
    whole, without = left_out_cells(network, pixels)
    assert whole.shape == (1, 64)
    assert without.shape == (100, 64)
    masks = torch.stack(_tiles(37 * 37))
    assert masks.shape == (14 * 14, 37 * 37)
    assert (masks.sum(dim=0) == 1).all()
