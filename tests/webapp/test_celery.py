"""What Celery must do for us when the broker goes away."""

import logging
import time
from collections.abc import Iterator

import pytest
from celery.exceptions import CeleryError
from celery.result import AsyncResult
from kombu.exceptions import KombuError

from tests.servers import Running
from webapp import celery, events
from webapp.embedded.programs import wait_until

# A worker that is at something else answers later.
ANSWER_SECONDS = 60
# For ever is what it is told from.
FAST_SECONDS = 15


@pytest.fixture
def away() -> Iterator[celery.Celery]:
    """An app like ours whose broker does not answer."""
    nowhere = "redis+socket:///nonexistent/valkey.sock"
    app = celery.Celery("away", broker=nowhere, set_as_current=False)
    app.conf.update({key: celery.app.conf[key] for key in celery.app.conf.changes})
    app.conf.update(broker_url=nowhere, result_backend=nowhere)
    yield app
    app.close()


def test_log_levels_are_those_of_the_settings() -> None:
    before = logging.getLogger().level
    celery.app.log.setup_logging_subsystem(loglevel=logging.CRITICAL)
    assert logging.getLogger().level == before != logging.CRITICAL


def ask() -> AsyncResult:
    return celery.app.send_task("webapp.tasks.housekeeping.sweep", ignore_result=False)


def test_waking_fails_fast_without_a_broker(away: celery.Celery) -> None:
    started = time.monotonic()
    with pytest.raises((KombuError, CeleryError, OSError)):
        away.send_task("webapp.tasks.housekeeping.sweep", ignore_result=True)
    assert time.monotonic() - started < FAST_SECONDS


def test_messages_get_through_after_the_broker_lost_everything(worker: Running) -> None:
    ask().get(timeout=ANSWER_SECONDS)
    events.client().flushdb()
    assert ask().get(timeout=ANSWER_SECONDS) is None


def test_killed_worker_is_replaced(worker: Running) -> None:
    worker.kill()
    result = ask()
    worker.ensure()
    assert result.get(timeout=ANSWER_SECONDS) is None


def test_answers_come_again_after_the_broker_was_away(
    worker: Running, databases: dict[str, Running]
) -> None:
    if "valkey" not in databases:
        pytest.skip("the broker is not ours to kill")
    ask().get(timeout=ANSWER_SECONDS)

    databases["valkey"].kill()
    started = time.monotonic()
    with pytest.raises((KombuError, CeleryError, OSError, RuntimeError)):
        ask().get(timeout=ANSWER_SECONDS)
    assert time.monotonic() - started < FAST_SECONDS

    databases["valkey"].ensure()
    pending = ask()

    def is_answered() -> bool:
        worker.ensure()  # Celery may die of a broker that goes away while it acknowledges a message
        return pending.ready()

    assert wait_until(is_answered, timeout_seconds=ANSWER_SECONDS)
    assert ask().get(timeout=ANSWER_SECONDS) is None
