import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.training.conftest import drawn_picture
from training.backbones import BUNDLED, DEFAULT_BACKBONE, get_spec
from training.background import load_background
from training.cuda import CudaEngine, deviation
from training.embed import Embedder, view, view_box
from training.engines import OpenVinoEngine, TorchEngine
from training.errors import BackboneError


@pytest.fixture(scope="module")
def embedder(network_cache):
    return Embedder.load(cache_dir=network_cache, threads=2)


@pytest.fixture(scope="module")
def pictures():
    return {n: drawn_picture(circle=(60 + 20 * n, 120, 20 + 5 * n)) for n in range(5)}


def test_vectors_have_unit_length_and_the_promised_shape(embedder, pictures):
    vectors = embedder.embed(pictures)
    assert vectors.keys() == pictures.keys()
    for vector in vectors.values():
        assert vector.shape == (embedder.dimensions,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_vector_does_not_depend_on_its_companions(embedder, pictures):
    together = embedder.embed(dict(reversed(pictures.items())))
    for key, picture in pictures.items():
        alone = embedder.embed({key: picture})[key]
        np.testing.assert_allclose(alone, together[key], atol=1e-4)


def test_nothing_in_nothing_out(embedder):
    assert embedder.embed({}) == {}


def test_like_pictures_lie_close(embedder):
    near = embedder.embed(
        {
            "a": drawn_picture(circle=(160, 120, 60)),
            "b": drawn_picture(circle=(150, 125, 62)),
            "c": Image.effect_noise((320, 240), 90).convert("RGB"),
        }
    )
    assert near["a"] @ near["b"] > 0.7 > near["a"] @ near["c"]


def test_openvino_and_torch_agree():
    branch = get_spec("lite0").branches[0]
    pixels = np.stack([view(drawn_picture(circle=(x, 120, 50)), branch) for x in (80, 240)])
    compiled, eager = OpenVinoEngine(branch, threads=2), TorchEngine(branch)
    np.testing.assert_allclose(compiled.features(pixels), eager.features(pixels), atol=1e-3)


def test_every_way_to_run_a_network_gives_the_same_unit_vector(embedder, pictures):
    """Float32 all the way: nothing quicker is bought with another vector."""
    spec = get_spec()
    eager = Embedder(
        spec,
        [TorchEngine(branch) for branch in spec.branches],
        embedder.background,
        embedder.tagger,
    )
    two_streams = Embedder(
        spec,
        [OpenVinoEngine(branch, threads=2, streams=2) for branch in spec.branches],
        embedder.background,
        embedder.tagger,
    )
    wanted = eager.embed(pictures)
    for vectors in (embedder.embed(pictures), two_streams.embed(pictures)):
        for key, vector in vectors.items():
            assert np.linalg.norm(vector - wanted[key]) < 1e-3


def test_the_gpu_engine_runs_the_same_network():
    """On the CPU, where there is no GPU: its streams and half precision are not seen here."""
    branch = get_spec("lite0").branches[0]
    pixels = np.stack([view(drawn_picture(circle=(90, 120, 50)), branch)])
    on_device, eager = CudaEngine(branch, device="cpu"), TorchEngine(branch)
    assert deviation(on_device.features(pixels), eager.features(pixels)) < 1e-3


def test_a_warm_cache_loads_the_same_without_torch(embedder, network_cache):
    program = (
        "import sys; from pathlib import Path; from training.embed import Embedder;"
        f"Embedder.load(cache_dir=Path({str(network_cache)!r}), threads=1);"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_bundled_weights_know_their_classes():
    """ImageNet's classes of pictures that packages bring along."""
    import torch
    from sklearn.datasets import load_sample_image

    from training import networks

    branch = get_spec("lite0").branches[0]
    model = networks.timm.create_model(branch.architecture, pretrained=False)
    model.load_state_dict(networks.wheel_weights(branch, list(model.state_dict())))
    flower = Image.fromarray(load_sample_image("flower.jpg"))
    pixels = torch.from_numpy(view(flower, branch)[None].copy())
    network = networks.Network(model.eval(), branch)
    with torch.inference_mode():
        best = int(model(network.normalise(pixels)).argmax())
    assert best == 723 or 980 <= best <= 990  # pinwheel, or a plant: no dahlia in ImageNet


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_backbone_has_its_background(name):
    spec, background = get_spec(name), load_background(name)
    assert background.bank.shape[1] == spec.dimensions <= 2000
    assert len(background.bank) >= 400
    assert spec.background_path.stat().st_size < 5_000_000


def test_fingerprints_tell_backbones_apart():
    assert len({get_spec(name).fingerprint for name in BUNDLED}) == len(BUNDLED)


def test_an_unknown_backbone_is_an_error():
    with pytest.raises(BackboneError):
        get_spec("no_such_network")


def test_any_timm_model_can_be_described():
    spec = get_spec("resnet18")
    assert spec.dimensions == 512
    assert spec.branches[0].mean != (0.5, 0.5, 0.5)
    assert spec.fingerprint != get_spec(DEFAULT_BACKBONE).fingerprint


def test_views_are_the_middle_or_everything():
    middle, everything = get_spec("duo").branches
    left, top, right, bottom = view_box((400, 200), middle)
    assert (right - left) == pytest.approx(bottom - top) == pytest.approx(200 * 0.89)
    assert view_box((400, 200), everything) == (0, 0, 400, 200)


def test_a_mirrored_view_is_mirrored():
    _, everything = get_spec("duo").branches
    picture = drawn_picture()
    np.testing.assert_array_equal(
        view(picture, everything)[:, ::-1],
        np.asarray(picture.resize((288, 288), Image.Resampling.BICUBIC)),
    )
    assert not np.array_equal(view(picture, everything), view(ImageOps.mirror(picture), everything))
