"""Any timm model by name, with what its own configuration says; tiny ones, untrained."""

import numpy as np
import pytest
import torch
from PIL import Image

from tests.training.conftest import drawn_picture
from training import background, background_building, networks
from training.backbones import DATA_DIR, get_spec
from training.background import identity_background, load_background, save_background
from training.background_building import background_from
from training.embed import Embedder, view
from training.engines import OpenVinoEngine, TorchEngine
from training.errors import BackboneError, LearningError
from training.heads import TrainingSet, fit

# Their last map is pooled as it is, or after a layer more; or there are tokens in its place.
TINY = ["test_resnet", "mobilenetv3_small_100", "test_vit"]


@pytest.fixture(autouse=True)
def untrained(monkeypatch):
    """Networks as the hub would give them, but with random weights."""

    def create(architecture):
        torch.manual_seed(0)
        return networks.timm.create_model(architecture, pretrained=False)

    monkeypatch.setattr(networks, "_from_hub", create)


@pytest.fixture(autouse=True)
def forget():
    yield
    get_spec.cache_clear()
    load_background.cache_clear()


def pictures(random, count):
    for _ in range(count):
        x, y, radius = random.integers(60, 180), random.integers(60, 180), random.integers(15, 60)
        ground = Image.effect_noise((320, 240), int(random.integers(10, 90))).convert("RGB")
        yield Image.blend(ground, drawn_picture(circle=(x, y, radius)), 0.6)


@pytest.mark.parametrize("name", TINY)
def test_a_picture_becomes_a_vector_and_a_concept(name, random):
    embedder = Embedder.load(name, threads=2)
    discs = {n: drawn_picture(circle=(100 + 20 * n, 120, 50)) for n in range(3)}
    noise = {n + 3: Image.effect_noise((320, 240), 60 + n).convert("RGB") for n in range(3)}
    vectors = np.stack(list(embedder.embed(discs | noise).values()))
    assert vectors.shape == (6, embedder.dimensions)
    labels = np.eye(2, dtype=np.int8)[[0, 0, 0, 1, 1, 1]]
    head = fit(TrainingSet(vectors, labels, ["disc", "noise"]), background=embedder.background).head
    assert (head.probabilities(vectors).argmax(1) == labels.argmax(1)).all()


def test_both_engines_agree():
    branch = get_spec("test_vit").branches[0]
    pixels = np.stack([view(drawn_picture(circle=(x, 120, 50)), branch) for x in (80, 240)])
    compiled, eager = OpenVinoEngine(branch, threads=2), TorchEngine(branch)
    np.testing.assert_allclose(compiled.features(pixels), eager.features(pixels), atol=1e-3)


def test_preprocessing_is_what_the_model_says():
    config = networks.timm.create_model("test_vit", pretrained=False).pretrained_cfg
    branch = get_spec("test_vit").branches[0]
    assert (branch.size, branch.mean, branch.std) == (
        config["input_size"][1],
        config["mean"],
        config["std"],
    )
    assert branch.crop_fraction == config["crop_pct"]
    assert branch.interpolation == config["interpolation"]


def test_how_a_picture_is_scaled_changes_what_is_seen_and_the_fingerprint():
    assert get_spec("dla34").branches[0].interpolation == "bilinear"
    branch = get_spec("test_vit").branches[0]
    other = type(branch)(**(vars(branch) | {"interpolation": "nearest"}))
    assert not np.array_equal(view(drawn_picture(), branch), view(drawn_picture(), other))


def test_a_background_of_ones_own_pictures_changes_vectors_and_fingerprint(
    random, tmp_path, monkeypatch
):
    monkeypatch.setattr(background_building, "FEWEST_PICTURES", 20)
    before = Embedder.load("test_resnet", background_dir=tmp_path, threads=2)
    built = background_from(before.spec, pictures(random, 20))
    save_background(built, before.spec.background_path)
    get_spec.cache_clear()
    load_background.cache_clear()
    after = Embedder.load("test_resnet", background_dir=tmp_path, threads=2)
    assert after.fingerprint != before.fingerprint
    assert len(after.background.bank) == 20
    vectors = [e.embed({0: drawn_picture()})[0] for e in (before, after)]
    assert np.linalg.norm(vectors[1]) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] < 0.9


def test_a_background_that_could_not_be_written_is_none(tmp_path, monkeypatch):
    def breaks_off(arrays, path):
        path.write_bytes(b"half")
        raise OSError("the disk is full")

    monkeypatch.setattr(background, "save_file", breaks_off)
    spec = get_spec("test_resnet", tmp_path)
    with pytest.raises(OSError, match="full"):
        save_background(identity_background(spec), spec.background_path)
    assert not spec.background_path.exists()


def test_few_pictures_make_no_background(random):
    with pytest.raises(LearningError):
        background_from(get_spec("test_resnet"), pictures(random, 5))


def test_bundled_backbones_keep_their_own_background(tmp_path):
    assert get_spec("lite0", tmp_path).background_path.parent == DATA_DIR


def test_vectors_that_would_be_too_long_are_refused():
    with pytest.raises(BackboneError):
        get_spec("resnet50")


def test_a_background_of_one_colour_is_of_numbers_too():
    spec = get_spec("test_resnet")
    features = np.ones((100, spec.dimensions), np.float32)
    found = background.build_background(
        spec, [features], [np.ones((100, 8, spec.dimensions), np.float32)]
    )
    assert np.isfinite(found.bank).all()
    assert np.isfinite(found.vectors([features])).all()
