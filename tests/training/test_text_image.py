"""Pictures and texts in one space, by a model of the real architecture that knows nothing."""

import builtins

import numpy as np
import pytest

from tests import text_image_models
from tests.factories import picture
from training.errors import BackboneError
from training.text_image import TextImageModel, text_image_fingerprint


@pytest.fixture(scope="module")
def name(tmp_path_factory):
    return text_image_models.write(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(name):
    return TextImageModel.load(name)


def test_pictures_become_unit_vectors_under_their_keys(model):
    pictures = {key: picture(seed=key) for key in range(6)}
    vectors = model.embed(pictures)
    assert list(vectors) == list(pictures)
    assert np.allclose([np.linalg.norm(vector) for vector in vectors.values()], 1, atol=1e-5)
    alone = model.embed({"x": pictures[5]})["x"]
    assert np.allclose(alone, vectors[5], atol=1e-5)


def test_a_text_says_how_much_better_it_fits_than_none(model):
    import torch

    direction = model.embed_text("dog")
    vector = model.embed({0: picture()})[0]
    tokens = model._tokenizer(["a photo of dog", "a photo"])
    with torch.inference_mode():
        texts = model._model.encode_text(tokens, normalize=True).numpy()
    logits = texts @ vector * float(model._model.logit_scale.exp())
    told = direction.strength * float(direction.vector @ vector)
    assert told == pytest.approx(logits[0] - logits[1], abs=1e-4)
    assert np.linalg.norm(direction.vector) == pytest.approx(1, abs=1e-5)


def test_other_weights_have_another_fingerprint_and_another_folder_has_not(name, tmp_path):
    copy = text_image_models.write(tmp_path / "copy")
    other = text_image_models.write(tmp_path / "other", seed=1)
    assert text_image_fingerprint(copy) == text_image_fingerprint(name)
    assert text_image_fingerprint(other) != text_image_fingerprint(name)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BackboneError, match="There is no text-image model"):
        TextImageModel.load(f"local-dir:{tmp_path / 'nowhere'}")


def test_a_package_that_is_not_there_is_told(name, monkeypatch):
    real = builtins.__import__

    def missing(module, *args, **kwargs):
        if module == "open_clip":
            raise ImportError(module)
        return real(module, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(BackboneError, match=r"pip install -r requirements-text-image.txt"):
        TextImageModel.load(name)
