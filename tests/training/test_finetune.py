"""What is tuned, what is put back, and that what refining keeps makes the same vectors again."""

import numpy as np
import pytest
import torch

from tests.training.conftest import drawn_picture
from training import networks
from training.backbones import get_spec
from training.embed import view
from training.engines import TorchEngine
from training.errors import BackboneError
from training.finetune import Stages

LABELS = np.eye(2, dtype=bool)[[0, 0, 1, 1]]


@pytest.fixture(autouse=True)
def untrained(monkeypatch):
    def create(architecture):
        torch.manual_seed(0)
        return networks.timm.create_model(architecture, pretrained=False)

    monkeypatch.setattr(networks, "_from_hub", create)


@pytest.fixture
def images():
    return [drawn_picture(circle=(90 + 40 * n, 120, 40)) for n in range(4)]


@pytest.fixture(params=["test_vit", "test_efficientnet"])
def branch(request):
    return get_spec(request.param).branches[0]


def pooled(branch, images, **options):
    return TorchEngine(branch, **options).features(np.stack([view(i, branch) for i in images]))


def far_apart(one, other):
    """The largest difference, as a share of the largest value."""
    return np.abs(one - other).max() / np.abs(other).max()


def test_before_tuning_the_parts_make_what_the_whole_does(branch, images):
    stages = Stages(branch)
    features = stages.features(stages.cache(images))
    assert far_apart(features, pooled(branch, images)) < 0.02


def test_what_was_tuned_makes_the_same_features_again(branch, images):
    stages = Stages(branch)
    cached = stages.cache(images)
    before = stages.features(cached)
    with stages.tuned(cached, LABELS, lambda: False):
        after, weights = stages.features(cached), stages.weights()
    assert far_apart(after, before) > 0.1
    again = pooled(branch, images, refined=weights)
    assert far_apart(again, after) < 0.02


def test_afterwards_the_network_is_as_before(branch, images):
    stages = Stages(branch)
    cached = stages.cache(images)
    before = stages.features(cached)
    with stages.tuned(cached, LABELS, lambda: False):
        pass
    np.testing.assert_array_equal(stages.features(cached), before)


def test_a_transformer_gets_adapters_in_its_last_blocks_alone(images):
    stages = Stages(get_spec("test_vit").branches[0])
    cached = stages.cache(images)
    with stages.tuned(cached, LABELS, lambda: False):
        changed = stages.weights()
    assert {name.split(".", 3)[2] for name in changed} == {"attn"}
    assert "blocks.0.attn.qkv.weight" not in changed
    assert "blocks.5.attn.qkv.weight" in changed
    original = networks.build_network(get_spec("test_vit").branches[0]).model
    qkv = original.get_parameter("blocks.5.attn.qkv.weight").numpy()
    assert np.linalg.matrix_rank(changed["blocks.5.attn.qkv.weight"] - qkv, tol=1e-5) <= 8


def test_other_kinds_can_not_be_refined():
    with pytest.raises(BackboneError) as caught:
        Stages(get_spec("test_resnet").branches[0])
    assert caught.value.code == "not_refinable"
