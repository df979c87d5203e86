"""Piles of pictures, worked off in lanes.

A lane is a thread that claims pictures, reads them, runs the networks and writes the rows, one
after the other. While one lane waits for the disk or the database, others keep the processor busy:
decoders, networks and drivers all let go of Python's lock.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connection

from webapp import learning
from webapp.models import Job
from webapp.services import indexing, jobs, recovery

# After so long the worker looks at its messages again: whoever wants to stop it is heard.
SHIFT_SECONDS = 4.0
# A small pile is shared by the lanes; of a large one each takes more at a time.
_FIRST_BATCH, _LARGEST_BATCH = 4, 16


def work_off() -> bool:
    """Index waiting pictures for a while; return whether some may be left."""
    learning.embedder()  # loaded once, before several lanes want it
    until = time.monotonic() + SHIFT_SECONDS
    lanes = settings.LEARNING_STREAMS + 1
    with ThreadPoolExecutor(lanes, thread_name_prefix="lane") as pool:
        done = sum(pool.map(_run_lane, [until] * lanes))
    # Those that broke before come alone, so that none takes others along.
    return _index(jobs.claim(kind=Job.Kind.INDEX)) + done > 0


def _run_lane(until: float) -> int:
    """Index new pictures until the time is up; return how many there were."""
    done, batch = 0, _FIRST_BATCH
    try:
        while time.monotonic() < until:
            claimed = jobs.claim(kind=Job.Kind.INDEX, limit=batch, is_new=True)
            if not claimed:
                break
            done += _index(claimed)
            batch = min(2 * batch, _LARGEST_BATCH)
    finally:
        connection.close()
    return done


def _index(claimed: list[Job]) -> int:
    if not claimed:
        return 0
    with jobs.at_work(claimed, give_back=recovery.give_back):
        indexing.index(claimed)
    return len(claimed)
