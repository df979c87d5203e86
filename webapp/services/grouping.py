"""Near-duplicates and bursts: found when pictures come in, so that they are shown as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from webapp import events, wire
from webapp.learning import care
from webapp.models import Image, Job
from webapp.selectors import backbones, near
from webapp.selectors.vectors import Vectors, find_in
from webapp.services import jobs, locks

if TYPE_CHECKING:
    import numpy as np

# Each new picture is compared with all, so a pile is better grouped once than batch by batch.
_SOON_SECONDS, _WHILE_MORE_COME_SECONDS = 1.0, 10.0
_WRITTEN_AT_ONCE = 1000
_AT_ONCE = 512  # new pictures that are compared with a block of all


def want(project_id: int) -> None:
    """Want new pictures grouped: soon, or later where more are on their way."""
    more = Job.objects.filter(project=project_id, kind=Job.Kind.INDEX, state=Job.State.QUEUED)
    seconds = _WHILE_MORE_COME_SECONDS if more.exists() else _SOON_SECONDS
    jobs.want_within(kind=Job.Kind.GROUP, project_id=project_id, seconds=seconds)


def group(job: Job) -> None:
    """Give each new picture of a project its group: that of its near-duplicates, or its own."""
    import numpy as np

    vectors = near.kept_near(job.project_pk, backbones.in_use_by(job.project_pk))
    with transaction.atomic():
        locks.hold_groups(job.project_pk)
        known = _Known.read(job.project_pk)
        new = np.flatnonzero(np.isin(vectors.image_ids, known.ids[known.groups == 0]))
        if len(new):
            groups = _joined(known.numbers, _alike(vectors, known, new))
            changed = np.flatnonzero(groups != known.groups)
            _write(dict(zip(known.ids[changed].tolist(), groups[changed].tolist(), strict=True)))
            events.publish_on_commit(job.project_id, "groups")
        jobs.succeed([job])


@dataclass(frozen=True)
class _Known:
    """What is known of a project's pictures that were looked at: arrays (N,), ids ascending."""

    ids: np.ndarray
    groups: np.ndarray
    hashes: np.ndarray

    @classmethod
    def read(cls, project_id: int) -> _Known:
        import numpy as np

        rows = wire.read(
            """
            SELECT id, COALESCE("group", 0), hash FROM webapp_image
            WHERE project_id = %s AND hash IS NOT NULL ORDER BY id
            """,
            [project_id],
            [("id", ">i8"), ("group", ">i8"), ("hash", ">i8")],
        )
        return cls(*(rows[name].astype(np.int64) for name in ("id", "group", "hash")))

    @property
    def numbers(self) -> np.ndarray:
        """The group of each picture; its own id where it has none yet."""
        import numpy as np

        return np.where(self.groups == 0, self.ids, self.groups)


def _alike(vectors: Vectors, known: _Known, new: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the numbers of groups that near-duplicates join, each pair once in a while.

    Args:
        vectors: of the project.
        known: what is known of its pictures.
        new: rows of the new pictures among the vectors.
    """
    import numpy as np

    places, is_known = find_in(vectors.image_ids, known.ids)
    hashes, numbers = known.hashes[places], known.numbers[places]
    for rows, block in vectors.blocks():
        there = np.arange(rows.start, rows.stop)
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            ours = vectors.of(vectors.image_ids[some].tolist())
            pairs = care.near_duplicates(ours, hashes[some], block, hashes[rows])
            one, other = some[pairs[:, 0]], there[pairs[:, 1]]
            joined = np.column_stack([numbers[one], numbers[other]])[is_known[other]]
            yield from map(tuple, np.unique(joined, axis=0).tolist())


def _joined(numbers: np.ndarray, pairs: Iterator[tuple[int, int]]) -> np.ndarray:
    """Join the groups of each pair under the smaller number, by union-find.

    Args:
        numbers: (N,) the group of each picture.
        pairs: of groups.

    Returns:
        (N,) the group of each picture now.
    """
    import numpy as np

    leader: dict[int, int] = {}

    def find(number: int) -> int:
        while leader.get(number, number) != number:
            number = leader[number]
        return number

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        leader[high] = low
    moved = np.array(sorted(leader), np.int64)
    if not len(moved):
        return numbers
    leaders = np.array([find(number) for number in moved.tolist()], np.int64)
    places, is_moved = find_in(numbers, moved)
    return np.where(is_moved, leaders[places], numbers)


def _write(groups: dict[int, int]) -> None:
    # In the order in which all others hold pictures: else two could wait for each other.
    ids = sorted(groups)
    for start in range(0, len(ids), _WRITTEN_AT_ONCE):
        some = ids[start : start + _WRITTEN_AT_ONCE]
        living = Image.objects.filter(pk__in=some).order_by("pk").select_for_update(no_key=True)
        Image.objects.bulk_update(
            [
                Image(pk=image_id, group=groups[image_id])
                for image_id in living.values_list("pk", flat=True)
            ],
            ["group"],
        )
