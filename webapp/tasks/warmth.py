"""Workers load what they need before the first person waits for it."""

from typing import Any

from celery.signals import celeryd_after_setup, worker_process_init

from webapp import learning
from webapp.celery import SERVE
from webapp.services import indexing, text_images

_queues: set[str] = set()


@celeryd_after_setup.connect
def _remember_queues(instance: Any, **_: Any) -> None:
    """Note what this worker will do; a solo worker, which forks no children, loads it at once."""
    _queues.update(instance.app.amqp.queues.consume_from)
    if instance.pool_cls.__module__.endswith(".solo"):
        _load()


@worker_process_init.connect
def _load_in_child(**_: Any) -> None:
    """Load after the fork: threads of torch and OpenMP don't survive one."""
    _load()


def _load() -> None:
    if {name.partition(".")[0] for name in _queues} & {"index", SERVE}:
        learning.embedder()
    if "index" in _queues:
        # Another backbone or background since last time: its vectors are of no use any more.
        indexing.read_outdated()
        text_images.want_missing()
    if "serve" in _queues:
        text_images.warm_up()
    if "teach" in _queues:
        learning.warm_up_fitting()
