"""Jobs are rows: enqueued in a transaction, claimed, kept alive, finished once, swept when left.

A Celery message only says "there is work of this kind". Whoever wakes claims rows by
compare-and-swap: the claim is a random id that only the claimer knows, and only it can finish.
"""

from webapp.services.jobs.claiming import (
    ABANDONED_AFTER_SECONDS,
    MAX_ATTEMPTS,
    LostClaimError,
    abandoned,
    advance,
    at_work,
    claim,
    drop,
    fail,
    is_ours,
    mend_times,
    progress,
    release,
    retry,
    succeed,
)
from webapp.services.jobs.wanting import (
    cancel,
    enqueue,
    forget_finished,
    hasten,
    requeue,
    wait,
    wake_for_waiting,
    wake_on_commit,
)

__all__ = [
    "ABANDONED_AFTER_SECONDS",
    "MAX_ATTEMPTS",
    "LostClaimError",
    "abandoned",
    "advance",
    "at_work",
    "cancel",
    "claim",
    "drop",
    "enqueue",
    "fail",
    "forget_finished",
    "hasten",
    "is_ours",
    "mend_times",
    "progress",
    "release",
    "requeue",
    "retry",
    "succeed",
    "wait",
    "wake_for_waiting",
    "wake_on_commit",
]
