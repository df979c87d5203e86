"""Does a second index worker on a second core nearly double the rate?"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from training.benchmark.speed import Photos
from webapp.benchmark import memory
from webapp.benchmark.client import Client, at_once
from webapp.benchmark.looking import uploads, wait_until_indexed
from webapp.benchmark.measured import Figures
from webapp.embedded import parts
from webapp.models import Image, Project

_POLL_SECONDS = 0.05


def measure_cores(
    figures: Figures,
    client: Client,
    project: Project,
    photos: Photos,
    *,
    amount: int,
    supervisor: int,
) -> None:
    """Read pictures that were uploaded before: one worker on one core, then two on two."""
    rates = {}
    with _stopped(memory.processes(supervisor)["index"]):
        for name, cores in (("one worker, one core", ["0"]), ("two workers", ["0,1", "0,1"])):
            at_once(4, uploads(client, project, photos, amount))
            with _workers(cores):
                rates[name] = _rate(project)
    one, two = rates.values()
    figures.add("cores", "pictures/s", {**rates, "ratio": round(two / one, 2)})


def _rate(project: Project) -> float:
    """Return pictures per second from the first one read to the last."""
    waiting = Image.objects.filter(project=project, status=Image.Status.PENDING)
    total = waiting.count()
    while (left := waiting.count()) == total:
        time.sleep(_POLL_SECONDS)
    started = time.perf_counter()
    wait_until_indexed(project)
    return round(left / (time.perf_counter() - started), 2)


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def _workers(cores: Sequence[str]) -> Iterator[None]:
    with ExitStack() as stack:
        output = stack.enter_context(tempfile.TemporaryFile())
        for number, own in enumerate(cores):
            program = parts.worker(f"extra{number}", ["index"])
            program = replace(
                program,
                command=["taskset", "--cpu-list", own, *program.command],
                environment={**program.environment, "PUPIL_LEARNING_THREADS": "1"},
            )
            stack.callback(_end, program.start(output))
        yield


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait()
