from dataclasses import replace

import numpy as np
import pytest

from training.artifacts import dumps, loads, parts
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


@pytest.mark.parametrize("damage", [lambda d: b"", lambda d: d[:50], lambda d: b"\x80\x04" + d])
def test_damage_is_noticed(head, damage):
    with pytest.raises(ArtifactError):
        loads(damage(dumps(head, {})))


@pytest.mark.parametrize("read", [loads, parts])
@pytest.mark.parametrize("key", [b'"metadata"', b'"exclusive"'])
def test_what_lacks_a_part_is_damaged(head, read, key):
    with pytest.raises(ArtifactError):
        read(dumps(head, {}).replace(key, key[:-2] + b'_"'))


@pytest.mark.parametrize("name", ["weights", "bias", "thresholds"])
def test_arrays_of_other_concepts_are_damage(head, name):
    """Archives come from strangers; they would fail at the first picture."""
    with pytest.raises(ArtifactError):
        loads(dumps(replace(head, **{name: getattr(head, name)[:1]}), {}))


def test_another_version_is_refused(head):
    data = dumps(head, {}).replace(b'"version":"2"', b'"version":"9"')
    with pytest.raises(ArtifactError) as caught:
        loads(data)
    assert caught.value.code == "unknown_format"
