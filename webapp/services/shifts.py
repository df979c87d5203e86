"""Long work that nobody waits for, done a little at a time while nothing else waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from webapp.models import Job
from webapp.services import jobs

# After so long the worker looks at its messages again.
_SHIFT_SECONDS = 4.0
_TRIED_TO = "tried_to"


def work_through(
    job: Job,
    image_ids: Sequence[int],
    work: Callable[[Sequence[int]], None],
    *,
    batch: int,
    after: Sequence[Job.Kind],
) -> bool:
    """Work until all is done, the shift is over, or others wait; return whether all is done.

    Where it is not, the job is given back: at once for the next shift, for later to those who wait.
    It goes on behind what was tried: a picture from which nothing comes, however long it took,
    keeps no other from its turn.

    Args:
        job: that is claimed.
        image_ids: of pictures in whose place nothing is yet, the lowest first.
        work: does some of it, and keeps what came of it.
        batch: how many are done at a time.
        after: kinds of work that come first.
    """
    until = time.monotonic() + _SHIFT_SECONDS
    tried_to = job.result.get(_TRIED_TO, 0)
    left = [image_id for image_id in image_ids if image_id > tried_to]
    for start in range(0, len(left), batch):
        others_wait = _others_wait(after)
        if others_wait or time.monotonic() > until:
            jobs.release(
                job,
                done=start,
                total=len(left),
                result={_TRIED_TO: tried_to},
                in_seconds=jobs.WAIT_SECONDS if others_wait else 0,
            )
            return False
        now = left[start : start + batch]
        work(now)
        tried_to = now[-1]
    return True


def _others_wait(kinds: Sequence[Job.Kind]) -> bool:
    return Job.objects.filter(kind__in=kinds, state__in=Job.GOING_ON).exists()
