"""What the supervisor runs: how to start it, tell that it works, and stop it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from webapp.embedded import locks
from webapp.embedded.errors import UpError
from webapp.embedded.identity import Identity

_POLL_SECONDS = 0.02
_LEFTOVER_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Program:
    """One long-running program.

    Attributes:
        exclusive: a folder that only one copy of it may use; a copy that an earlier run left
            behind is waited for.
        prepare: brings the state on disk into order, called with `exclusive` locked.
        stop_signal: asks it to end in good order.
        stop_seconds: how long it may take for that before it is killed.
        orphan_signal: what it gets when the supervisor dies; what has nothing to put in order
            is killed.
        nice: how far it stands back where others want the processor.
        descriptors: what it inherits.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    identity: Identity = field(default_factory=Identity)
    exclusive: Path | None = None
    prepare: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    orphan_signal: signal.Signals = signal.SIGKILL
    nice: int = 0
    descriptors: Sequence[int] = ()

    def start(self, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Start it, in a session of its own: the terminal's Ctrl-C is the supervisor's."""
        held = self._take_folder()
        launcher = self.identity.launcher(self.orphan_signal, nice=self.nice)
        try:
            if self.prepare:
                self.prepare()
            return subprocess.Popen(  # noqa: S603  our own programs
                [*launcher, *self.command],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[*self.descriptors, *held],
                start_new_session=True,
            )
        finally:
            for descriptor in held:
                os.close(descriptor)

    def _take_folder(self) -> list[int]:
        if self.exclusive is None:
            return []
        descriptor = locks.lock(self.exclusive, timeout_seconds=_LEFTOVER_SECONDS)
        if descriptor is None:
            raise UpError(f"A {self.name} of an earlier run still uses {self.exclusive}; stop it.")
        return [descriptor]


def wait_until(condition: Callable[[], bool], *, timeout_seconds: float) -> bool:
    """Ask until it is so; for servers that have no other way to say that they are up."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
