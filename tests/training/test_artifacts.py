import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from training import artifacts
from training.artifacts import check, dumps, loads, parts
from training.errors import ArtifactError
from training.heads import TrainingSet, fit


@pytest.fixture
def head(clouds, background):
    vectors, labels = clouds([3, 3])
    data = TrainingSet(vectors, labels, ["Rex", "naïve <b>"], fingerprint="abc")
    return fit(data, background=background).head


def test_comes_back_as_it_was(head, clouds):
    again, metadata = loads(dumps(head, {"number": 3, "note": "ü"}))
    vectors, _ = clouds([4, 4])
    np.testing.assert_array_equal(again.probabilities(vectors), head.probabilities(vectors))
    assert (again.concepts, again.fingerprint) == (("Rex", "naïve <b>"), "abc")
    assert metadata == {"number": 3, "note": "ü"}


@pytest.fixture(params=["in the memory", "in a file"])
def read(request, tmp_path):
    """Both ways to read a head."""

    def checked(data):
        path = tmp_path / "artifact"
        path.write_bytes(data)
        check(path)

    return loads if request.param == "in the memory" else checked


@pytest.mark.parametrize("damage", [lambda d: b"", lambda d: d[:50], lambda d: b"\x80\x04" + d])
def test_damage_is_noticed(head, read, damage):
    with pytest.raises(ArtifactError):
        read(damage(dumps(head, {})))


@pytest.mark.parametrize("key", [b'"metadata"', b'"exclusive"'])
def test_what_lacks_a_part_is_damaged(head, read, key):
    data = dumps(head, {}).replace(key, key[:-2] + b'_"')
    for way in (read, parts):
        with pytest.raises(ArtifactError):
            way(data)


@pytest.mark.parametrize("name", ["weights", "bias", "thresholds"])
def test_arrays_of_other_concepts_are_damage(head, read, name):
    """Archives come from strangers; they would fail at the first picture."""
    with pytest.raises(ArtifactError):
        read(dumps(replace(head, **{name: getattr(head, name)[:1]}), {}))


def test_another_version_is_refused(head, read):
    data = dumps(head, {}).replace(b'"version":"2"', b'"version":"9"')
    with pytest.raises(ArtifactError) as caught:
        read(data)
    assert caught.value.code == "unknown_format"


def test_in_a_file_a_network_of_its_own_is_left_there(head, tmp_path):
    path = tmp_path / "artifact"
    path.write_bytes(dumps(head, {}, {"refined.weights": np.zeros(2**22, np.float32)}))  # 16 MB
    tracemalloc.start()
    try:
        check(path)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_head_larger_than_any_is_not_read_from_a_file(head, tmp_path, monkeypatch):
    path = tmp_path / "artifact"
    path.write_bytes(dumps(head, {}))
    monkeypatch.setattr(artifacts, "_MAX_HEAD_NUMBERS", 10)
    with pytest.raises(ArtifactError):
        check(path)
