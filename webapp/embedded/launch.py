"""Becomes another program that can't outlive the supervisor.

Run as a script, so that the supervisor need not run Python between `fork` and `exec`:
`python launch.py --parent PID --signal NUMBER [--nice NUMBER]
[--user UID:GID | --namespace UID:GID] -- PROGRAM`.
"""

import argparse
import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, required=True)
    identity = parser.add_mutually_exclusive_group()
    identity.add_argument("--user", type=_ids)
    identity.add_argument("--namespace", type=_ids)
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()

    _stand_back(options.nice)
    if options.user:
        _become(*options.user)
    if options.namespace:
        _appear_as(*options.namespace)
    _die_with(options.parent, options.signal)  # last: a change of user would undo it
    os.execv(options.program[0], options.program)  # noqa: S606  no shell is the point


def _stand_back(nice: int) -> None:
    """Leave the processor to others.

    The supervisor gives each program a session, and Linux may share the processor out by session
    first (autogroups, see `sched(7)`): niceness then counts within the session only, and the
    session has its own.
    """
    total = os.nice(nice)
    with suppress(OSError):  # this system has none
        Path("/proc/self/autogroup").write_text(str(total))


def _ids(text: str) -> tuple[int, int]:
    uid, gid = text.split(":")
    return int(uid), int(gid)


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _appear_as(uid: int, gid: int) -> None:
    """Look like another user to ourselves, in a user namespace, and stay who we are outside."""
    libc = ctypes.CDLL(None, use_errno=True)
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "this system has no user namespaces for us")
    process = Path("/proc/self")
    (process / "setgroups").write_text("deny")
    (process / "uid_map").write_text(f"{uid} {outside_uid} 1")
    (process / "gid_map").write_text(f"{gid} {outside_gid} 1")


def _die_with(parent: int, signal: int) -> None:
    """Have the kernel send us `signal` when the parent dies, where it can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        sys.exit("the supervisor is gone")


if __name__ == "__main__":
    main()
