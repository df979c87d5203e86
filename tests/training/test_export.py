"""The exported graph sees what Pillow cuts out, and says what the head says."""

import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from tests.training.conftest import drawn_picture
from training.backbones import get_spec
from training.background import load_background
from training.embed import Embedder, view
from training.errors import ArtifactError
from training.export.onnx_file import write
from training.export.parity import MAX_DIFFERENCE, OnnxFile, Parity
from training.export.resizing import reduce, resize
from training.export.run_onnx import pixels
from training.heads import TrainingSet, fit
from training.images import decode
from training.networks import build_network

SPEC = get_spec("lite0")
SIDES = (256, 512)
SIZES = [
    *((300, 400), (400, 300), (640, 480), (389, 400), (343, 400), (344, 400)),
    *((260, 260), (288, 288), (97, 512), (512, 97), (20, 30), (1, 1)),
]


def noise(random, width, height):
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


def as_tensor(image):
    return torch.from_numpy(np.array(image)).float()


class TestResizing:
    @pytest.mark.parametrize("branch", get_spec("duo").branches)
    @pytest.mark.parametrize(
        "size",
        SIZES,
    )
    def test_it_is_pillows_to_the_pixel(self, random, size, branch):
        image = noise(random, *size)
        mine = resize(as_tensor(image), branch).numpy()
        assert np.array_equal(mine, view(image, branch))

    @pytest.mark.parametrize("size", [(640, 480), (1024, 1024), (1537, 1100), (1601, 1540)])
    def test_averaging_down_is_pillows_too(self, random, size):
        image = noise(random, *size)
        mine = reduce(as_tensor(image), *SIDES).numpy()
        factor = max(1, min(min(size) // SIDES[0], max(size) // SIDES[1]))
        assert np.array_equal(mine, np.asarray(image.reduce(factor)))


@pytest.fixture(scope="module")
def embedder(network_cache):
    return Embedder.load("lite0", cache_dir=network_cache)


@pytest.fixture(scope="module")
def fitted(embedder):
    """Return a function that fits a head to tell discs that lie left from those that lie right."""
    pictures = {n: drawn_picture(circle=(60 + 200 * (n % 2), 60 + 8 * n, 50)) for n in range(10)}
    vectors = np.stack(list(embedder.embed(pictures).values()))
    labels = np.array([[1, 0] if n % 2 == 0 else [0, 1] for n in range(10)], np.int8)

    def fitted(*, exclusive):
        data = TrainingSet(vectors, labels, ["left", "right"], embedder.fingerprint, range(10))
        return fit(data, background=load_background("lite0"), exclusive=exclusive).head

    return fitted


class TestTheFile:
    @pytest.mark.parametrize("exclusive", [False, True])
    def test_it_says_what_the_head_says(self, embedder, fitted, tmp_path, exclusive):
        head = fitted(exclusive=exclusive)
        write(head, tmp_path / "v.onnx", spec=SPEC, sides=SIDES, metadata={})
        ask = OnnxFile(tmp_path / "v.onnx")
        parity = Parity()
        for size in [(320, 240), (240, 320), (600, 500), (90, 700)]:
            image = drawn_picture(size=size, circle=(size[0] // 3, size[1] // 2, 30))
            said = head.probabilities(embedder.embed({0: image})[0][None])
            parity.add(said[0], head.present(said)[0], *ask(np.asarray(image)))
        assert parity.holds
        assert (parity.pictures, parity.flips) == (4, 0)
        assert parity.max_difference < MAX_DIFFERENCE / 2

    def test_a_refined_network_goes_along(self, embedder, fitted, tmp_path):
        tuned = build_network(SPEC.branches[0]).model.state_dict()["conv_head.weight"] * 1.05
        weights = {"conv_head.weight": tuned.numpy()}
        refined = embedder.refined(weights)
        head = replace(fitted(exclusive=False), fingerprint=refined.fingerprint)
        path = tmp_path / "v.onnx"
        write(head, path, spec=SPEC, refined=weights, sides=SIDES, metadata={})
        image = drawn_picture()
        said = head.probabilities(refined.embed({0: image})[0][None])[0]
        assert OnnxFile(path)(np.asarray(image))[0] == pytest.approx(said, abs=MAX_DIFFERENCE)
        with pytest.raises(ArtifactError):
            write(head, path, spec=SPEC, sides=SIDES, metadata={})

    def test_it_carries_names_and_thresholds(self, fitted, tmp_path):
        head = fitted(exclusive=False)
        write(head, tmp_path / "v.onnx", spec=SPEC, sides=SIDES, metadata={"version": "7"})
        session = onnxruntime.InferenceSession(tmp_path / "v.onnx")
        about = session.get_modelmeta().custom_metadata_map
        assert json.loads(about["concepts"]) == ["left", "right"]
        assert json.loads(about["thresholds"]) == pytest.approx(head.thresholds, abs=1e-6)
        assert about["version"] == "7"
        onnx.checker.check_model(onnx.load(tmp_path / "v.onnx"))

    def test_another_backbones_head_is_refused(self, fitted, tmp_path):
        head = fitted(exclusive=False)
        with pytest.raises(ArtifactError):
            write(head, tmp_path / "v.onnx", spec=get_spec("lite2"), sides=SIDES, metadata={})


class TestTheRunner:
    @pytest.mark.parametrize("kind", ["jpeg", "large jpeg", "large png", "strip", "see-through"])
    def test_it_reads_pictures_as_the_app_does(self, random, tmp_path, kind):
        size = {"jpeg": (640, 480), "strip": (3000, 300)}.get(kind, (1200, 900))
        image = noise(random, size[0] // 8, size[1] // 8).resize(size)
        path = tmp_path / ("a.jpg" if "jpeg" in kind else "a.png")
        if kind == "see-through":
            image.putalpha(Image.linear_gradient("L").resize(size))
        image.save(path)
        with path.open("rb") as file:
            expected = decode(file, min_side=SIDES[0], min_long_side=SIDES[1])
        expected.thumbnail((2048, 2048))
        assert np.abs(pixels(path, *SIDES).astype(int) - np.asarray(expected)).max() <= 1


class TestParity:
    def test_it_breaks_over_a_thousandth(self):
        parity = Parity()
        assert not parity.holds, "nothing compared is nothing proved"
        no = np.array([False])
        parity.add(np.float32([0.5]), no, np.float32([0.5005]), no)
        assert parity.holds
        parity.add(np.float32([0.5]), no, np.float32([0.502]), ~no)
        assert not parity.holds
        assert (parity.pictures, parity.flips) == (2, 1)
