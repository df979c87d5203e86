"""When tasks come that come again and again, whatever is done to the clock meanwhile."""

from datetime import datetime, timedelta
from typing import Any

from celery.beat import Scheduler
from celery.schedules import schedule


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

    def tick(self, *arguments: Any, **options: Any) -> float:
        self._heap = None
        return super().tick(*arguments, **options)
