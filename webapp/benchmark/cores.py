"""Does a second index worker on a second core nearly double the rate?"""

import os
import shutil
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
_TASKSET = shutil.which("taskset") or "taskset"
_ONE_THREAD = {"PUPIL_LEARNING_THREADS": "1", "PUPIL_LEARNING_STREAMS": "1"}
Process = subprocess.Popen[bytes]


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
            with _workers(cores) as processes:
                rates[name] = _rate(project, processes)
    one, two = rates.values()
    figures.add("cores", "pictures/s", {**rates, "ratio": round(two / one, 2)})


def _rate(project: Project, workers: Sequence[Process]) -> float:
    """Return pictures per second from the first one read to the last.

    Raises:
        RuntimeError: a worker died.
    """
    waiting = Image.objects.filter(project=project, status=Image.Status.PENDING)
    total = waiting.count()
    while (left := waiting.count()) == total:
        if any(worker.poll() is not None for worker in workers):
            raise RuntimeError("An index worker did not start.")
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
def _workers(cores: Sequence[str]) -> Iterator[list[Process]]:
    with ExitStack() as stack:
        output = stack.enter_context(tempfile.TemporaryFile())
        processes = []
        for number, own in enumerate(cores):
            program = parts.worker(f"extra{number}", ["index"])
            program = replace(
                program,
                command=[_TASKSET, "--cpu-list", own, *program.command],
                environment={**program.environment, **_ONE_THREAD},
            )
            processes.append(program.start(output))
            stack.callback(_end, processes[-1])
        yield processes


def _end(process: Process) -> None:
    process.terminate()
    process.wait()
