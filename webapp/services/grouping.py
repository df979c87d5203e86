"""Near-duplicates and bursts: found when pictures come in, so that they are shown as one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from webapp import events, learning
from webapp.learning import care
from webapp.models import Image, Job
from webapp.selectors import near
from webapp.services import jobs, locks


def group(job: Job) -> None:
    """Give each new picture of a project its group: that of its near-duplicates, or its own."""
    import numpy as np

    vectors = near.kept_near(job.project_id, learning.fingerprint())
    with transaction.atomic():
        locks.hold_groups(job.project_id)
        jobs.succeed([job])
        known = _known(job.project_id)
        rows = [row for row, i in enumerate(vectors.image_ids.tolist()) if i in known]
        ids = vectors.image_ids[rows]
        new = [place for place, i in enumerate(ids.tolist()) if known[i][0] is None]
        if not new:
            return
        hashes = [known[image_id][1] for image_id in ids.tolist()]
        pairs = care.near_duplicates(vectors.of(ids.tolist()), hashes, np.array(new))
        groups = {image_id: group or image_id for image_id, (group, _) in known.items()}
        joined = _joined(groups, ((int(ids[one]), int(ids[other])) for one, other in pairs))
        _write({i: group for i, group in joined.items() if known[i][0] != group})
        events.publish_on_commit(job.project_id, "groups")


def _known(project_id: int) -> dict[int, tuple[int | None, int]]:
    """Return group and hash by image."""
    described = Image.objects.filter(project=project_id, hash__isnull=False)
    rows = described.values_list("pk", "group", "hash")
    return {image_id: (group, image_hash or 0) for image_id, group, image_hash in rows}


def _joined(groups: dict[int, int], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Join the groups of each pair under the smaller number, by union-find."""
    leader: dict[int, int] = {}

    def find(number: int) -> int:
        while leader.get(number, number) != number:
            number = leader[number]
        return number

    for one, other in pairs:
        if one in groups and other in groups:
            low, high = sorted((find(groups[one]), find(groups[other])))
            leader[high] = low
    return {image_id: find(group) for image_id, group in groups.items()}


def _write(groups: dict[int, int]) -> None:
    # In the order in which all others hold pictures: else two could wait for each other.
    living = Image.objects.filter(pk__in=groups).order_by("pk").select_for_update(no_key=True)
    list(living.values_list("pk", flat=True))
    changed = [Image(pk=image_id, group=group) for image_id, group in groups.items()]
    Image.objects.bulk_update(changed, ["group"], batch_size=1000)
