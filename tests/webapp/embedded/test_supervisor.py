"""The supervisor, with small programs of its own."""

import sys
from pathlib import Path

import psutil

from webapp.embedded.programs import Program
from webapp.embedded.supervisor import Supervisor

STUBBORN = """
import pathlib, signal, subprocess, sys
helper = subprocess.Popen(["sleep", "600"])
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text(str(helper.pid))
signal.pause()
"""


def test_what_a_killed_program_had_started_ends_with_it(tmp_path: Path) -> None:
    told = tmp_path / "helper"
    supervisor = Supervisor(tmp_path, print)
    command = [sys.executable, "-c", STUBBORN, str(told)]
    supervisor.start(Program(name="stubborn", command=command, stop_seconds=0.1))
    supervisor.wait_for("It", lambda: told.exists() and told.read_text() != "", timeout_seconds=60)
    helper = psutil.Process(int(told.read_text()))

    supervisor.stop(["stubborn"])

    assert not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE
