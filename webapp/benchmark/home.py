"""A Pupil of its own, started for one benchmark: same programs, empty tables, nobody's pictures."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

_MARK = "PUPIL_BENCHMARK_HOME"
_READY = "Pupil is ready at "


def is_ours() -> bool:
    """Whether this process already speaks to the benchmark's own home."""
    return _MARK in os.environ


def run_inside(arguments: Sequence[str], home: Path | None) -> int:
    """Run the same command again in a process whose settings are those of its own home."""
    with tempfile.TemporaryDirectory(prefix="pupil-benchmark-") as temporary:
        Path(temporary).chmod(0o711)  # PostgreSQL may have to run as another user
        folder = str((home or Path(temporary)).resolve())
        environment = {
            **os.environ,
            _MARK: folder,
            "PUPIL_HOME": folder,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "PUPIL_LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(  # noqa: S603  ourselves
            command, cwd=settings.BASE_DIR, env=environment, check=False
        ).returncode


@contextmanager
def running(*, cores: Sequence[int] = ()) -> Iterator[tuple[str, int]]:
    """Run the app; yield its address and the supervisor's process id.

    Args:
        cores: what it may run on; all where none is named.
    """
    command = [sys.executable, "manage.py", "up", "--port", "0"]
    if cores:
        command = ["taskset", "--cpu-list", ",".join(map(str, cores)), *command]
    process = subprocess.Popen(  # noqa: S603  our own program
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    try:
        yield _address(process), process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None  # noqa: S101  for the type checker
    for line in process.stdout:
        if line.startswith(_READY):
            return line.removeprefix(_READY).strip()
    raise RuntimeError("Pupil did not start.")
