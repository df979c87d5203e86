"""Work that takes memory which a process never gives back: a child does it, and ends."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent


class ChildError(Exception):
    """A child ended badly; the message is the last that it said."""


def run_module(
    module: str, *arguments: str, told: str = "", timeout_seconds: float | None = None
) -> None:
    """Run one of our modules in a process of its own.

    Args:
        module: its name.
        arguments: of its command line.
        told: its standard input.
        timeout_seconds: how long it may take; for ever where nothing is said.

    Raises:
        ChildError: it failed.
        TimeoutError: it took too long, and was ended.
    """
    try:
        child = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", module, *arguments],
            input=told,
            cwd=_ROOT,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(module) from error
    if child.returncode != 0:
        raise ChildError((child.stderr.strip() or "it was stopped").splitlines()[-1])
