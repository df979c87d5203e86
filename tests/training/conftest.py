"""Clouds of vectors with known answers, and pictures that are made here."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.background import Background, unit

DIMENSIONS = 48


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture
def background(random):
    bank = unit(random.normal(size=(300, DIMENSIONS)))
    return Background((1.0,), (), bank)


@pytest.fixture
def clouds(random):
    """Return a function that draws vectors around fixed centres, and their labels."""
    centres = random.normal(size=(6, DIMENSIONS))

    def draw(counts, spread=0.5):
        concept = np.repeat(np.arange(len(counts)), counts)
        vectors = centres[concept] + spread * random.normal(size=(len(concept), DIMENSIONS))
        return unit(vectors), np.eye(len(counts), dtype=np.int8)[concept]

    return draw


def drawn_picture(size=(320, 240), circle=(200, 120, 60)):
    """A picture with a red disc at x, y of a radius."""
    image = Image.new("RGB", size, (70, 110, 80))
    draw = ImageDraw.Draw(image)
    x, y, radius = circle
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(200, 30, 30))
    return image
