import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from webapp.embedded import locks, parts
from webapp.embedded.programs import Program, wait_until


def test_locked_folder_is_free_once_the_last_holder_is_gone(tmp_path: Path) -> None:
    program = Program(name="sleeper", command=["/bin/sleep", "60"], exclusive=tmp_path)
    process = program.start(subprocess.DEVNULL)
    assert locks.try_lock(tmp_path) is None

    process.kill()
    process.wait()

    assert locks.try_lock(tmp_path) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel has to help")
def test_program_dies_with_its_supervisor() -> None:
    script = textwrap.dedent("""
        import subprocess, time
        from webapp.embedded.programs import Program
        process = Program(name="sleeper", command=["/bin/sleep", "60"]).start(subprocess.DEVNULL)
        print(process.pid, flush=True)
        time.sleep(60)
    """)
    supervisor = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    assert is_alive(pid)

    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.communicate()

    assert wait_until(lambda: not is_alive(pid), timeout_seconds=60)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="Linux's own, where it is on")
def test_what_stands_back_does_so_for_programs_of_other_sessions_too() -> None:
    shown = ["/bin/cat", "/proc/self/autogroup"]
    process = Program(name="shy", command=shown, nice=7).start(subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    process.wait()
    assert said.endswith(f"nice {os.nice(0) + 7}\n")


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_each_program_has_a_port_of_its_own_for_its_metrics(settings) -> None:
    settings.METRICS_PORT = 9100
    programs = [*parts.workers(), parts.clock()]
    ports = [int(program.environment["PUPIL_METRICS_PORT"]) for program in programs]
    assert ports == list(range(9100, 9100 + len(programs)))
    settings.METRICS_PORT = 0
    assert not any("PUPIL_METRICS_PORT" in one.environment for one in parts.workers())
