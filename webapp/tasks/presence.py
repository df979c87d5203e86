"""Workers say that they are there, and answer who asks them how they are; so does the clock.

Each worker notes itself in Valkey for the operations page. Where `PUPIL_METRICS_PORT` is set they
also serve `/metrics` and `/healthz`: a worker as soon as it can work, and healthy until it is stuck
in a task; the clock as long as it turns.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import redis
from celery.signals import beat_init, task_postrun, task_prerun, worker_ready
from django.conf import settings
from django.utils import timezone
from prometheus_client import make_wsgi_app

from webapp import events
from webapp.scheduling import SteadyScheduler
from webapp.selectors.operations import WORKER_KEYS

logger = logging.getLogger(__name__)

STUCK_SECONDS = 900.0
# A network is tuned for half an hour and its pictures embedded anew; a data set may be of 20 GB.
STUCK_SECONDS_IF_LONG = 12 * 3600.0
_LONG = ("webapp.tasks.refine.", "webapp.tasks.inspect.", "webapp.tasks.transfer.")
_NOTE_SECONDS = 10
_FORGOTTEN_SECONDS = 30


class Presence:
    """What one worker is at."""

    def __init__(self, name: str, queues: Iterable[str]) -> None:
        self._key = WORKER_KEYS + name
        self.note: dict[str, Any] = {
            "name": name,
            "queues": sorted(queues),
            "task": "",
            "since": timezone.now().isoformat(),
        }
        self._began: float | None = None

    def begin(self, task: str) -> None:
        self._began = time.monotonic()
        self.note |= {"task": task, "since": timezone.now().isoformat()}

    def end(self) -> None:
        self._began = None
        self.note |= {"task": "", "since": timezone.now().isoformat()}

    @property
    def is_stuck(self) -> bool:
        is_long = self.note["task"].startswith(_LONG)
        patience = STUCK_SECONDS_IF_LONG if is_long else STUCK_SECONDS
        return self._began is not None and time.monotonic() - self._began > patience

    def keep_noting(self) -> None:
        while True:
            try:
                events.client().set(self._key, json.dumps(self.note), ex=_FORGOTTEN_SECONDS)
            except redis.RedisError as error:
                logger.warning("not noted: %s", error)
            time.sleep(_NOTE_SECONDS)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Log nothing: probes come every few seconds."""


def health_app(who: Presence | SteadyScheduler) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI app for `/metrics` and `/healthz`."""
    metrics: Callable[..., Iterable[bytes]] = make_wsgi_app()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            return metrics(environ, start_response)
        status, body = ("503 Service Unavailable", b"stuck") if who.is_stuck else ("200 OK", b"ok")
        start_response(status, [("Content-Type", "text/plain")])
        return [body]

    return app


def _answer_for(who: Presence | SteadyScheduler) -> None:
    if settings.METRICS_PORT:
        server = make_server("", settings.METRICS_PORT, health_app(who), handler_class=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()


@worker_ready.connect
def _appear(sender: Any, **_: Any) -> None:
    presence = Presence(sender.hostname, sender.app.amqp.queues.consume_from)
    task_prerun.connect(lambda task, **_: presence.begin(task.name), weak=False)
    task_postrun.connect(lambda **_: presence.end(), weak=False)
    threading.Thread(target=presence.keep_noting, daemon=True).start()
    _answer_for(presence)


@beat_init.connect
def _appear_as_clock(sender: Any, **_: Any) -> None:
    _answer_for(sender.scheduler)
