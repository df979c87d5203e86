"""Peak memory and processor time of the supervisor's programs, from `/proc`."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

_PROC = Path("/proc")
_LEAST_MILLISECONDS = 0.1
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def peaks(supervisor: int) -> dict[str, float]:
    """Return the peak resident memory in MB of each program; of PostgreSQL's, the largest one."""
    return _megabytes(supervisor, "VmHWM")


def own(supervisor: int) -> dict[str, float]:
    """Return the memory in MB that each program has to itself now: no file that it only maps."""
    return _megabytes(supervisor, "RssAnon")


def resident(supervisor: int) -> dict[str, float]:
    """Return the memory in MB that each program holds now; PostgreSQL's share theirs, so no sum."""
    return _megabytes(supervisor, "VmRSS")


def _megabytes(supervisor: int, kind: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for pid, name in _programs(supervisor):
        lines = _read(pid, "status").splitlines()
        kilobytes = next((int(line.split()[1]) for line in lines if line.startswith(kind)), 0)
        found[name] = max(found.get(name, 0.0), round(kilobytes / 1024, 1))
    return found


def open_files(supervisor: int) -> dict[str, int]:
    """Return how many files and connections each program holds open; of several, the most."""
    found: dict[str, int] = {}
    for pid, name in _programs(supervisor):
        try:
            count = len(list((_PROC / str(pid) / "fd").iterdir()))
        except OSError:  # it has just ended
            continue
        found[name] = max(found.get(name, 0), count)
    return found


def processor_seconds(supervisor: int) -> dict[str, float]:
    """Return the processor time that each program took so far; other work hardly changes it."""
    found: dict[str, float] = {}
    for pid, name in _programs(supervisor):
        ticks = sum(map(int, _read(pid, "stat").rpartition(")")[2].split()[11:13]))
        found[name] = found.get(name, 0.0) + ticks / _TICKS_PER_SECOND
    return found


@contextmanager
def spent(supervisor: int) -> Iterator[dict[str, float]]:
    """Yield what is, after the body, the processor seconds that each program took meanwhile.

    Other work on the machine hardly changes them; ours, the client's, are among them.
    """
    found: dict[str, float] = {}
    before, own_before = processor_seconds(supervisor), time.process_time()
    yield found
    after = processor_seconds(supervisor)
    found |= {name: total - before.get(name, 0.0) for name, total in after.items()}
    found["client"] = time.process_time() - own_before


def each(spent: dict[str, float], count: int) -> dict[str, float]:
    """Return processor milliseconds for each of so many; what took next to none is left out."""
    milliseconds = {name: round(s / max(1, count) * 1000, 1) for name, s in spent.items()}
    return {name: ms for name, ms in milliseconds.items() if ms >= _LEAST_MILLISECONDS}


def processes(supervisor: int) -> dict[str, int]:
    """Return the process id of each program."""
    return {name: pid for pid, name in _programs(supervisor)}


def _programs(supervisor: int) -> Iterator[tuple[int, str]]:
    for pid in _descendants(supervisor):
        if name := _name(_read(pid, "cmdline").split("\0")):
            yield pid, name


def _read(pid: int, name: str) -> str:
    """Return a file of a process; nothing where it has just ended."""
    try:
        return (_PROC / str(pid) / name).read_text()
    except OSError:
        return ""


def _descendants(ancestor: int) -> list[int]:
    numbers = [int(path.name) for path in _PROC.glob("[0-9]*")]
    stats = {pid: _read(pid, "stat").rpartition(")")[2].split() for pid in numbers}
    parents = {pid: int(fields[1]) for pid, fields in stats.items() if fields}
    found = [ancestor]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found


def _name(command: list[str]) -> str:
    for word, following in pairwise(command):
        if word == "--hostname":
            return following.split("@")[0]
    line = " ".join(command).strip()
    for sign, name in (
        ("uvicorn", "web"),
        ("beat", "clock"),
        ("scratch.sock", "scratch"),
        ("valkey", "valkey"),
        ("postgres", "postgres"),
        ("manage.py up", "supervisor"),
    ):
        if sign in line:
            return name
    return "other" if line else ""
