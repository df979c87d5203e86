"""The serve worker looks at pictures beside its tasks: a message for each would cost too much."""

from typing import Any

from celery.signals import worker_ready, worker_shutdown

from webapp.celery import SERVE
from webapp.services.looking import Lookers

_running: list[Lookers] = []


@worker_ready.connect
def _start(sender: Any, **_: Any) -> None:
    queues = [name.partition(".") for name in sender.app.amqp.queues.consume_from]
    lanes = [lane for queue, _, lane in queues if queue == SERVE]
    if lanes:
        _running.append(Lookers(lanes))
        _running[-1].start()


@worker_shutdown.connect
def _stop(**_: Any) -> None:
    while _running:
        _running.pop().stop()
