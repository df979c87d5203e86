"""Celery, which only wakes workers: what is to be done stands in the database."""

import os
from datetime import timedelta

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu import Queue

from webapp.scheduling import Steadily

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

SERVE = "serve"
QUEUES = ("index", "teach", SERVE, "refine", "inspect", "transfer", "housekeeping")
_SWEEP_SECONDS = 5.0
_ANSWER_SECONDS = 120

_MODULES = (*QUEUES, "tracing", "succession", "warmth", "presence", "lookers", "tables")


def serve_queue(lane: str) -> str:
    """Return the queue of those who answer for some projects, or for all the others."""
    return f"{SERVE}.{lane}" if lane else SERVE


SERVE_QUEUES = tuple(serve_queue(lane) for lane in sorted(set(settings.SERVE_ROUTES.values())))

app = Celery("webapp", include=[f"webapp.tasks.{module}" for module in _MODULES])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # for every thread, not just the one that imports this first
app.conf.update(
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    # The default exchange needs no bindings, so queues work even on a broker that lost its state.
    task_queues=[Queue(name, exchange="", routing_key=name) for name in (*QUEUES, *SERVE_QUEUES)],
    task_default_queue="housekeeping",
    task_default_exchange="",
    task_routes={f"webapp.tasks.{queue}.*": {"queue": queue} for queue in QUEUES},
    # A message is gone when its task starts: redelivery would run long tasks twice, and rows that
    # a dead worker left are found by the sweeper.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    # Only those who wait for an answer, at the serve queue, get one.
    task_ignore_result=True,
    result_backend=app.conf.broker_url,
    result_expires=_ANSWER_SECONDS,
    # Whoever wakes a worker stands in a request: better no message than a late answer. Workers
    # themselves wait for the broker for ever.
    broker_transport_options={
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
    },
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.1},
    result_backend_transport_options={"retry_policy": {"max_retries": 2, "interval_max": 0.5}},
    redis_socket_connect_timeout=1,
    redis_socket_timeout=5,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    beat_scheduler="webapp.scheduling:SteadyScheduler",
    beat_max_loop_interval=_SWEEP_SECONDS,  # it may be wrong about the time, but not for longer
    beat_schedule={
        "sweep": {
            "task": "webapp.tasks.housekeeping.sweep",
            "schedule": Steadily(timedelta(seconds=_SWEEP_SECONDS)),
            # Of sweeps that nobody ran in time one is enough.
            "options": {"expires": _SWEEP_SECONDS},
        }
    },
)


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Leave logging as the settings have it: Celery would set a level whatever they say."""
