"""Jobs are rows: enqueued in a transaction, claimed, kept alive, finished once, swept when left.

A Celery message only says "there is work of this kind". Whoever wakes claims rows by
compare-and-swap: the claim is a random id that only the claimer knows, and only it can finish.
"""

from webapp.services.jobs import lives
from webapp.services.jobs.claiming import (
    ABANDONED_AFTER_SECONDS,
    MAX_ATTEMPTS,
    WAIT_SECONDS,
    LostClaimError,
    abandoned,
    advance,
    at_work,
    claim,
    claimed_in,
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
    enqueue_for_project,
    forget_finished,
    hasten,
    requeue,
    wait,
    wake_for_waiting,
    wake_on_commit,
    want,
    want_within,
)

__all__ = [
    "ABANDONED_AFTER_SECONDS",
    "MAX_ATTEMPTS",
    "WAIT_SECONDS",
    "LostClaimError",
    "abandoned",
    "advance",
    "at_work",
    "cancel",
    "claim",
    "claimed_in",
    "drop",
    "enqueue",
    "enqueue_for_project",
    "fail",
    "forget_finished",
    "hasten",
    "is_ours",
    "lives",
    "mend_times",
    "progress",
    "release",
    "requeue",
    "retry",
    "succeed",
    "wait",
    "wake_for_waiting",
    "wake_on_commit",
    "want",
    "want_within",
]
