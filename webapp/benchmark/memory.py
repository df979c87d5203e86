"""Peak memory of the supervisor's programs, from `/proc`."""

from itertools import pairwise
from pathlib import Path

_PROC = Path("/proc")


def peaks(supervisor: int) -> dict[str, float]:
    """Return the peak resident memory in MB of each program; of PostgreSQL's, the largest one."""
    found: dict[str, float] = {}
    for pid in _descendants(supervisor):
        try:
            name, status = _name(pid), (_PROC / str(pid) / "status").read_text()
        except OSError:  # it has just ended
            continue
        peak = next((int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM")), 0)
        found[name] = max(found.get(name, 0.0), round(peak / 1024, 1))
    return found


def processes(supervisor: int) -> dict[str, int]:
    """Return the process id of each program."""
    return {_name(pid): pid for pid in _descendants(supervisor)}


def _descendants(ancestor: int) -> list[int]:
    parents: dict[int, int] = {}
    for path in _PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found = [ancestor]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found


def _name(pid: int) -> str:
    command = (_PROC / str(pid) / "cmdline").read_text().split("\0")
    for word, following in pairwise(command):
        if word == "--hostname":
            return following.split("@")[0]
    line = " ".join(command)
    for sign, name in (
        ("uvicorn", "web"),
        ("beat", "clock"),
        ("valkey", "valkey"),
        ("postgres", "postgres"),
        ("manage.py up", "supervisor"),
    ):
        if sign in line:
            return name
    return "other"
