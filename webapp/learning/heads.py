"""Heads as artifacts: written once, read by workers whole and by the web process in part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage

from webapp.errors import PupilError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from training.heads import Head
    from training.judgements import Judgements

_PULLS, _VIEWED = "pulls", "viewed"
_REFINED = "refined."


@dataclass(frozen=True)
class Record:
    """What an artifact keeps beside the head.

    Attributes:
        hashes: SHA-256 of N pictures it learned from and after them of T test pictures.
        judgements: of the same N + T; None in artifacts of an early Pupil, as are the pulls.
        pulls: (N + R + M, C) float32; see `training.influence`.
        viewed: (R,) the row of its picture, for each view that was learned.
        is_exclusive: exactly one concept is true of each picture.
    """

    hashes: tuple[str, ...]
    judgements: Judgements | None
    pulls: np.ndarray | None
    viewed: np.ndarray
    is_exclusive: bool


@contextmanager
def _told() -> Iterator[None]:
    from training.errors import ArtifactError

    try:
        yield
    except ArtifactError as error:
        raise PupilError(error.message, code=error.code) from error


def dump_head(
    head: Head,
    *,
    hashes: Sequence[str],
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: Sequence[int],
    tests: int,
    pulls: np.ndarray,
    viewed: np.ndarray,
    refined: Mapping[str, np.ndarray] | None = None,
) -> bytes:
    """Write an artifact.

    Args:
        head: what was fitted.
        hashes: of the N pictures it was fitted on and, after them, of the test pictures.
        labels: of the same.
        probabilities: of the same, by heads that had not seen them.
        groups: of the same; near-duplicates share one.
        tests: how many of them, at the end, are test pictures.
        pulls: (N + R + M, C) float32; see `training.influence`.
        viewed: (R,) the row of its picture, for each view that was learned.
        refined: the network's own parameters, where it was tuned.
    """
    import numpy as np

    from training.artifacts import dumps
    from training.judgements import Judgements

    held_out = np.arange(len(labels)) >= len(labels) - tests
    numbers = np.unique(groups, return_inverse=True)[1]
    judgements = Judgements(labels, probabilities, held_out, numbers)
    more = {**judgements.to_arrays(), _PULLS: pulls, _VIEWED: viewed.astype(np.int32)}
    more |= {f"{_REFINED}{name}": array for name, array in (refined or {}).items()}
    return dumps(head, {"images": list(hashes)}, more)


@lru_cache(maxsize=32)
def load_head(artifact: str) -> Head:
    """Return a version's head by its artifact's storage name, kept near: artifacts don't change.

    Raises:
        PupilError: the artifact is broken or another program's.
    """
    with default_storage.open(artifact) as file:
        return parse_head(file.read())


def parse_head(data: bytes | memoryview) -> Head:
    """Return the head that an artifact holds.

    Raises:
        PupilError: it is broken or another program's.
    """
    from training.artifacts import loads

    with _told():
        return loads(bytes(data))[0]


def check_artifact(path: Path) -> None:
    """Say whether a file is an artifact, without reading the networks that it may hold.

    Raises:
        PupilError: it is broken or another program's.
    """
    from training.artifacts import check

    with _told():
        check(path)


def load_refined(artifact: str) -> dict[str, np.ndarray]:
    """Return the network's own parameters that a refined version's artifact holds.

    Raises:
        PupilError: the artifact is broken or another program's.
    """
    from training.artifacts import parts

    with default_storage.open(artifact) as file, _told():
        arrays = parts(file.read()).arrays
    return {
        name.removeprefix(_REFINED): array
        for name, array in arrays.items()
        if name.startswith(_REFINED)
    }


@lru_cache(maxsize=8)
def load_record(artifact: str) -> Record:
    """Return what a version's artifact keeps beside the head; needs no more than numpy.

    Raises:
        PupilError: the artifact is broken or another program's.
    """
    with default_storage.open(artifact) as file:
        return parse_record(file.read())


def parse_record(data: bytes | memoryview) -> Record:
    """Return what an artifact keeps beside the head.

    Raises:
        PupilError: it is broken or another program's.
    """
    import numpy as np

    from training.artifacts import parts
    from training.judgements import Judgements

    with _told():
        kept = parts(bytes(data))
    judgements = Judgements.from_arrays(kept.arrays)
    hashes = tuple(kept.metadata["images"]) if judgements else ()
    viewed = kept.arrays.get(_VIEWED, np.array([], np.int32))
    return Record(hashes, judgements, kept.arrays.get(_PULLS), viewed, kept.exclusive)


def decided(head: Head, thresholds: Sequence[float]) -> Head:
    """Return the head with the thresholds that count."""
    import numpy as np

    return replace(head, thresholds=np.asarray(thresholds, np.float32))
