"""Starts programs, starts those that die again, and stops them all in order.

Everything but the copying of output happens in the main thread: the kernel ties a child's life
to the thread that started it.
"""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from webapp.embedded.errors import UpError
from webapp.embedded.output import Log
from webapp.embedded.programs import Program, wait_until

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STEADY_SECONDS = 30.0  # who lived that long is not in a crash loop
_MAX_BACKOFF_SECONDS = 15.0
_MAX_START_FAILURES = 3
_DYING_SECONDS = 2.0


class Stopped(Exception):  # noqa: N818  not an error: the user wants to go
    """Ctrl-C, or a polite kill."""


@dataclass
class _Child:
    program: Program
    log: Log
    process: subprocess.Popen[bytes]
    started_at: float = field(default_factory=time.monotonic)
    failures: int = 0
    start_again_at: float | None = None

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


class Supervisor:
    """Keeps programs running until it is told to stop."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._children: list[_Child] = []
        self._stop_requests = 0
        # Signals are told through a pipe: unlike a lock, a handler may touch it at any moment.
        self._wakeups, self._waker = os.pipe()
        os.set_blocking(self._wakeups, False)
        os.set_blocking(self._waker, False)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take note of signals: a stop request ends the waits below, a child's death wakes them."""
        signals = {*_STOP_SIGNALS, signal.SIGCHLD}
        if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # nohup
            signals.remove(signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, program: Program, *, alarms: bool = True) -> None:
        alarm = (lambda line: self._say(f"{program.name}: {line}")) if alarms else None
        log = Log(self._logs, program.name, alarm)
        self._children.append(_Child(program, log, _spawn(program, log)))

    def wait_for(self, what: str, condition: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Keep everything running until the condition holds."""
        deadline = time.monotonic() + timeout_seconds
        while not condition():
            broken = [child for child in self._children if child.failures > _MAX_START_FAILURES]
            if broken or time.monotonic() > deadline:
                where = broken[0].log.path if broken else self._logs
                raise UpError(f"{what} did not become ready; see {where}.")
            self._tend(timeout_seconds=0.02)

    def watch(self) -> None:
        """Keep everything running until someone wants to stop."""
        while True:
            self._tend(timeout_seconds=self._until_next_start())

    def stop(self, *groups: Sequence[str]) -> None:
        """Stop the named programs, one group after the other.

        Another stop request meanwhile kills what can be killed without harm.
        """
        for group in groups:
            self._stop_group([child for child in self._children if child.program.name in group])
        for child in self._children:
            child.log.close()

    def _on_signal(self, number: int, _frame: object) -> None:
        if number != signal.SIGCHLD:
            self._stop_requests += 1
        with contextlib.suppress(BlockingIOError):  # full: the reader will wake anyway
            os.write(self._waker, b"!")

    def _wait(self, timeout_seconds: float | None) -> None:
        """Wait for a signal."""
        select.select([self._wakeups], [], [], timeout_seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeups, 4096)

    def _tend(self, *, timeout_seconds: float | None) -> None:
        self._wait(timeout_seconds)
        if self._stop_requests:
            raise Stopped
        for child in self._children:
            self._revive(child)

    def _revive(self, child: _Child) -> None:
        now = time.monotonic()
        if child.is_alive:
            return
        if child.start_again_at is None:
            steady = now - child.started_at > _STEADY_SECONDS
            child.failures = 1 if steady else child.failures + 1
            # At once, then after 1, 2, 4 … seconds.
            delay = min(
                _MAX_BACKOFF_SECONDS, 2 ** (child.failures - 2) if child.failures > 1 else 0
            )
            child.start_again_at = now + delay
            self._say(
                f"{child.program.name} {_ending(child.process.returncode)}; starting it again."
            )
        if now >= child.start_again_at:
            child.process, child.started_at = _spawn(child.program, child.log), now
            child.start_again_at = None

    def _until_next_start(self) -> float | None:
        due = [child.start_again_at for child in self._children if child.start_again_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _stop_group(self, children: Sequence[_Child]) -> None:
        for child in children:
            if child.is_alive:
                child.process.send_signal(child.program.stop_signal)
        for child in children:
            self._wait_for_end(child)
            _end_session(child.process.pid)

    def _wait_for_end(self, child: _Child) -> None:
        deadline = time.monotonic() + child.program.stop_seconds
        while child.is_alive:
            is_hurried = self._stop_requests > 1 and child.program.orphan_signal == signal.SIGKILL
            if is_hurried or time.monotonic() > deadline:
                child.process.kill()
                child.process.wait()
                return
            self._wait(max(0.0, deadline - time.monotonic()))


def _spawn(program: Program, log: Log) -> subprocess.Popen[bytes]:
    process = program.start(subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101  for the type checker
    log.follow(process.stdout)
    return process


def _end_session(leader: int) -> None:
    """End what a program started and left behind: it must not write to a home nobody runs."""

    def is_over() -> bool:
        try:
            os.killpg(leader, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return True
        return False

    # Bounded: where nobody reaps orphans, the dead stay listed.
    wait_until(is_over, timeout_seconds=_DYING_SECONDS)


def _ending(returncode: int) -> str:
    if returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended with status {returncode}"
