"""Vectors that are kept near: the database's own, read once, without those that were deleted."""

from collections import OrderedDict

import numpy as np
import pytest

from tests.factories import EmbeddingFactory, ImageFactory, ProjectFactory
from webapp import learning
from webapp.models import Image
from webapp.selectors import near, vectors

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch, settings, tmp_path):
    settings.LEARNING_CACHE = tmp_path / "cache"
    monkeypatch.setattr(near, "_BLOCK", 2)
    monkeypatch.setattr(vectors, "_BLOCK", 2)
    monkeypatch.setattr(near, "_piles", OrderedDict())


def embedded(project, count):
    images = ImageFactory.create_batch(count, project=project)
    for image in images:
        EmbeddingFactory(image=image, project=project, fingerprint=learning.fingerprint())
    return images


def kept(project):
    return near.kept_near(project.pk, learning.fingerprint())


def assert_as_in_the_database(project):
    said, stored = kept(project), vectors.of_project(project.pk, learning.fingerprint())
    assert said.image_ids.tolist() == stored.image_ids.tolist()
    np.testing.assert_array_equal(said.of(stored.image_ids.tolist()), stored.matrix)
    blocks = list(said.blocks())
    assert [rows.start for rows, _ in blocks] == list(range(0, len(stored.image_ids), 2))
    np.testing.assert_array_equal(np.concatenate([block for _, block in blocks]), stored.matrix)


def test_they_follow_what_comes_and_goes():
    project, other = ProjectFactory(), ProjectFactory()
    first = embedded(project, 5)
    embedded(other, 3)
    assert_as_in_the_database(project)
    embedded(project, 2)
    late = first.pop(1)
    Image.objects.filter(pk=late.pk).delete()
    assert_as_in_the_database(project)
    assert_as_in_the_database(other)
    with pytest.raises(LookupError):
        kept(project).of([late.pk])


def test_only_new_ones_are_read():
    project = ProjectFactory()
    embedded(project, 3)
    kept(project)
    before = near._piles[project.pk, learning.fingerprint()].byte_count
    embedded(project, 1)
    kept(project)
    assert near._piles[project.pk, learning.fingerprint()].byte_count == before * 4 // 3


def test_room_of_the_deleted_is_given_back():
    project = ProjectFactory()
    images = embedded(project, 7)
    kept(project)
    Image.objects.filter(pk__in=[image.pk for image in images[1:]]).delete()
    assert_as_in_the_database(project)
    assert near._piles[project.pk, learning.fingerprint()].byte_count == 2 * learning.dimensions()


def test_a_project_without_vectors_has_none():
    assert len(kept(ProjectFactory()).image_ids) == 0


def test_every_finite_half_is_widened_to_the_number_it_is():
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)].reshape(-1, 64)
    widened = vectors.widened(halves)
    assert widened.dtype == np.float32
    np.testing.assert_array_equal(widened, halves.astype(np.float32))
    assert (np.signbit(widened) == np.signbit(halves)).all()


def test_vectors_that_lie_apart_are_widened_too():
    matrix = np.random.default_rng(0).standard_normal((6, 8)).astype(np.float16)
    apart = vectors.Vectors(np.arange(3), matrix, np.array([4, 0, 5]))
    found = np.concatenate([block for _, block in apart.blocks()])
    np.testing.assert_array_equal(found, matrix[[4, 0, 5]].astype(np.float32))
