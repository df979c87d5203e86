"""Who PostgreSQL runs as: it refuses to be root."""

import os
import pwd
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from webapp.embedded import launch
from webapp.embedded.errors import UpError

_PREFERRED_USERS = ("pupil", "postgres", "nobody")


@dataclass(frozen=True)
class Identity:
    """A user to run a program as; the default is to stay who we are.

    With `in_namespace` the program only looks like that user to itself and keeps our rights to
    files: for folders that no other user can reach, like those below `/root`.
    """

    uid: int | None = None
    gid: int = 0
    in_namespace: bool = False

    def launcher(self, orphan_signal: signal.Signals, *, nice: int = 0) -> list[str]:
        """Return what to put before a command to run it as this user, and never without us."""
        script = [sys.executable, "-I", "-S", launch.__file__]
        script += ["--parent", str(os.getpid()), "--signal", str(int(orphan_signal))]
        script += ["--nice", str(nice)]
        if self.uid is not None:
            script += ["--namespace" if self.in_namespace else "--user", f"{self.uid}:{self.gid}"]
        return [*script, "--"]

    def give(self, folder: Path) -> None:
        """Make this user the owner of a folder we have just made."""
        if self.uid is not None and not self.in_namespace:
            os.chown(folder, self.uid, self.gid)


def for_server(*, data: Path, binaries: Path) -> Identity:
    """Return who can run a server that refuses to be root.

    Whoever owns the data folder, if it is there: the choice of the first start holds.
    """
    if os.geteuid() != 0:
        return Identity()
    user = _owner(data) or _preferred_user()
    home = data.parent
    owner = data.stat().st_uid if data.exists() else None
    for candidate, owns in (
        (Identity(user.pw_uid, user.pw_gid), owner in {None, user.pw_uid}),
        (Identity(user.pw_uid, user.pw_gid, in_namespace=True), owner in {None, 0}),
    ):
        if owns and _can_reach(candidate, home, binaries):
            return candidate
    raise UpError(
        f"PostgreSQL must not run as root, and the user {user.pw_name} can't reach {home} or "
        f"{binaries}. Move Pupil to a folder that everyone may enter, such as /srv, or run it "
        "as an ordinary user, or set DATABASE_URL."
    )


def _owner(data: Path) -> pwd.struct_passwd | None:
    if not data.exists() or data.stat().st_uid == 0:
        return None
    try:
        return pwd.getpwuid(data.stat().st_uid)
    except KeyError:
        raise UpError(f"{data} belongs to user {data.stat().st_uid}, who is gone.") from None


def _preferred_user() -> pwd.struct_passwd:
    users = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid != 0}
    for name in _PREFERRED_USERS:
        if name in users:
            return users[name]
    raise UpError("PostgreSQL must not run as root: run Pupil as an ordinary user.")


def _can_reach(identity: Identity, *folders: Path) -> bool:
    enter = ["/bin/sh", "-c", 'cd "$1" && cd "$2"', "sh", *map(str, folders)]
    command = [*identity.launcher(signal.SIGKILL), *enter]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
