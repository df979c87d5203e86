"""Pupil's own programs: web server, workers, clock."""

import os
import sys
from collections.abc import Mapping, Sequence

from django.conf import settings

from webapp.celery import SERVE_QUEUES
from webapp.embedded.programs import Program

# How far the workers stand back: learning must not make pages wait, nor reading pictures either of
# them. At 7 a core that both want goes to the page for five sixths of the time; not further, or a
# machine that is busy otherwise never gets to it.
NICE_OF_QUEUE = {
    "index": 10,
    "teach": 7,
    "serve": 0,
    "refine": 12,
    "inspect": 0,
    "transfer": 7,
    "housekeeping": 0,
}
_MAX_STREAMS = 4
_LEARNING_QUEUES = {"index", "teach", "serve", "refine", "transfer"}


def web(*, descriptor: int) -> Program:
    """Return the web server, for a socket that already listens.

    The socket is the supervisor's: while the server starts again, visitors wait instead of being
    turned away.
    """
    options = ["--fd", str(descriptor), "--lifespan", "off", "--no-server-header"]
    options += ["--no-access-log", "--timeout-graceful-shutdown", "3"]
    return Program(
        name="web",
        command=_python("uvicorn", "webapp.asgi:application", *options),
        environment=_environment(),
        descriptors=[descriptor],
    )


def worker(name: str, queues: Sequence[str], *, nice: int = 0, number: int = 0) -> Program:
    """Return a worker.

    Args:
        name: what it is known by.
        queues: that it takes work from.
        nice: how far it stands back.
        number: which of the programs with metrics of their own it is: each wants its own port.
    """
    options = ["--queues", ",".join(queues), "--hostname", f"{name}@%h"]
    options += ["--pool", "solo", "--without-mingle", "--without-gossip"]
    is_learning = bool(_LEARNING_QUEUES & _bare(queues))
    return Program(
        name=name,
        command=_python("celery", "--app", "webapp", "worker", *options),
        environment=_environment(
            **(_learning(queues) if is_learning else {}),
            **(_in_bulk() if queues == ["index"] else {}),
            **_metrics(number),
        ),
        nice=nice,
    )


def workers() -> list[Program]:
    """Return a worker for every queue: short work must not wait behind long work."""
    nices = NICE_OF_QUEUE | dict.fromkeys(SERVE_QUEUES, 0)
    return [
        worker(queue, [queue], nice=nice, number=number)
        for number, (queue, nice) in enumerate(nices.items())
    ]


def clock() -> Program:
    """Return what sends the tasks of the schedule; it keeps nothing on disk."""
    return Program(
        name="clock",
        command=_python("celery", "--app", "webapp", "beat", "--pidfile="),
        environment=_environment(**_metrics(len(NICE_OF_QUEUE) + len(SERVE_QUEUES))),
    )


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _environment(**extra: str) -> Mapping[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
        "PUPIL_HOME": str(settings.PUPIL_HOME),
        "PYTHONPATH": str(settings.BASE_DIR),
        "PYTHONUNBUFFERED": "1",
        **extra,
    }


def _metrics(number: int) -> dict[str, str]:
    port = settings.METRICS_PORT
    return {"PUPIL_METRICS_PORT": str(port + number)} if port else {}


def _in_bulk() -> dict[str, str]:
    """Return what a worker needs that nobody waits for: a network's pass on every core."""
    cores = settings.LEARNING_THREADS or len(os.sched_getaffinity(0))
    return {"PUPIL_LEARNING_STREAMS": str(min(cores, _MAX_STREAMS))}


def _learning(queues: Sequence[str]) -> dict[str, str]:
    # The products after a network's pass are small: threads that wait for their share of one cost
    # more than the product. Fitting and scoring are another matter.
    blas = str(settings.LEARNING_THREADS or "") if "teach" in queues else "1"
    set_threads = {
        "OMP_NUM_THREADS": str(settings.LEARNING_THREADS or ""),
        "OPENBLAS_NUM_THREADS": blas,
    }
    return {name: count for name, count in set_threads.items() if count}


def _bare(queues: Sequence[str]) -> set[str]:
    """Return queues without the lanes of projects that have workers of their own."""
    return {name.partition(".")[0] for name in queues}
