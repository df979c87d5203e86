"""Data sets that were sent are looked through: somebody waits, also while others are taken in."""

from webapp.models import Job
from webapp.services import importing
from webapp.tasks.waking import do_next, woken


@woken
def run() -> None:
    do_next(Job.Kind.INSPECT, importing.inspect, refuse=importing.refuse)
