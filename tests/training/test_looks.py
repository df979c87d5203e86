"""What the eye would say of a picture."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.training.conftest import drawn_picture
from training.looks import difference_hash, differing_bits, look


@pytest.fixture
def photo(random):
    """A picture with fine detail."""
    noise = Image.fromarray(random.integers(0, 255, (240, 320, 3), dtype=np.uint8))
    return Image.blend(drawn_picture(), noise, 0.3)


def differ(one, other):
    return int(differing_bits(np.array([difference_hash(one)]), difference_hash(other))[0])


def recompressed(image, quality=40):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def test_scaling_and_compression_leave_the_hash_nearly_as_it_is():
    image = drawn_picture()
    assert differ(image, recompressed(image.resize((160, 120)))) <= 4


def test_other_pictures_have_other_hashes(random):
    one, other = (
        Image.fromarray(random.integers(0, 255, (9, 9, 3), dtype=np.uint8)).resize((320, 240))
        for _ in range(2)
    )
    assert differ(one, other) > 15


def test_a_dark_picture_is_dark(photo):
    assert look(photo.point(lambda value: value // 12)).brightness < 0.06 < look(photo).brightness


def test_blur_takes_sharpness_whatever_the_contrast(photo):
    blurred = photo.filter(ImageFilter.GaussianBlur(6))
    assert look(blurred).sharpness < 0.5 * look(photo).sharpness
    faint = photo.point(lambda value: 60 + value // 2)
    assert look(faint).sharpness > 0.5 * look(photo).sharpness


@pytest.mark.parametrize("size", [(1, 1), (2, 400), (3, 3)])
def test_tiny_pictures_are_looked_at_too(size):
    assert np.isfinite(look(Image.new("RGB", size)).sharpness)
