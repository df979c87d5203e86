"""When tasks come that come again and again, whatever is done to the clock meanwhile."""

import time
from datetime import datetime, timedelta
from typing import Any

from celery.beat import Scheduler
from celery.schedules import schedule

# A turn takes seconds. One that begins while the queue is away waits for it, which no new process
# would do any better: hence minutes.
STUCK_SECONDS = 300.0


class Steadily(schedule):
    """Every so many seconds, also where the clock is set back: else it would wait until then."""

    run_every: timedelta

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        remaining: timedelta = super().remaining_estimate(last_run_at)
        return timedelta() if remaining > self.run_every + timedelta(seconds=1) else remaining


class SteadyScheduler(Scheduler):
    """Asks each entry anew when it is due, at every turn; what it keeps on disk is nothing.

    Celery's own notes the hour at which the next entry is due. Set the clock back, and it waits for
    that hour. Of the few entries that we have, asking again costs nothing.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turned = time.monotonic()

    @property
    def is_stuck(self) -> bool:
        """Whether the last turn ended long ago."""
        return time.monotonic() - self._turned > STUCK_SECONDS

    def tick(self, *arguments: Any, **options: Any) -> float:
        self._heap = None
        pause: float = super().tick(*arguments, **options)
        self._turned = time.monotonic()
        return pause
