"""Peak memory and processor time of the supervisor's programs, from `/proc`."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def peaks(supervisor: int) -> dict[str, float]:
    """Return the peak resident memory in MB of each program; of PostgreSQL's, the largest one."""
    found: dict[str, float] = {}
    for pid, name in _programs(supervisor):
        lines = _read(pid, "status").splitlines()
        peak = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
        found[name] = max(found.get(name, 0.0), round(peak / 1024, 1))
    return found


def processor_seconds(supervisor: int) -> dict[str, float]:
    """Return the processor time that each program took so far; other work hardly changes it."""
    found: dict[str, float] = {}
    for pid, name in _programs(supervisor):
        ticks = sum(map(int, _read(pid, "stat").rpartition(")")[2].split()[11:13]))
        found[name] = found.get(name, 0.0) + ticks / _TICKS_PER_SECOND
    return found


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
