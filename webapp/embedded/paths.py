"""Where the embedded servers keep their state and sockets under `PUPIL_HOME`.

Settings and supervisor both ask here, so that they can't disagree.
"""

import contextlib
import hashlib
import importlib.util
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from webapp.embedded.errors import UpError

_MAX_SOCKET_PATH = 100  # sockaddr_un holds 108 bytes on Linux, 104 on macOS
_LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"

DATABASE_NAME = "pupil"
DATABASE_USER = "pupil"


def postgres_data(home: Path) -> Path:
    return home / "postgres"


def valkey_data(home: Path) -> Path:
    return home / "valkey"


def scratch_data(home: Path) -> Path:
    return home / "scratch"


def sockets(home: Path) -> Path:
    """Return the folder of the Unix sockets: in `home` where the path is short enough."""
    inside = home / "run"
    if len(os.fsencode(inside)) + len(_LONGEST_SOCKET_NAME) <= _MAX_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"pupil-{digest}"


def make_sockets(home: Path) -> None:
    """Make the sockets' folder, which nobody else may enter, or have made before us."""
    folder = sockets(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    owners = {os.geteuid()}
    if postgres_data(home).exists():
        owners.add(postgres_data(home).stat().st_uid)
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise UpError(f"{folder} belongs to somebody else; remove it or set a shorter PUPIL_HOME.")
    folder.chmod(0o700)


def remove_sockets(home: Path) -> None:
    """Remove the sockets' folder once nobody listens there."""
    with contextlib.suppress(OSError):
        sockets(home).rmdir()


def valkey_socket(home: Path) -> Path:
    return sockets(home) / "valkey.sock"


def scratch_socket(home: Path) -> Path:
    return sockets(home) / "scratch.sock"


def database_url(home: Path) -> str:
    return f"postgresql:///{DATABASE_NAME}?host={quote(str(sockets(home)))}&user={DATABASE_USER}"


def valkey_url(home: Path) -> str:
    return f"unix://{valkey_socket(home)}?db=0"


def scratch_url(home: Path) -> str:
    return f"unix://{scratch_socket(home)}?db=0"


def broker_url(home: Path) -> str:
    """Return Valkey's address as kombu spells it."""
    return f"redis+socket://{valkey_socket(home)}?virtual_host=0"


def package(name: str) -> Path:
    """Return an installed package's folder, without the cost of importing it."""
    (folder,) = importlib.util.find_spec(name).submodule_search_locations  # type: ignore[union-attr,misc]
    return Path(folder)


def logs(home: Path) -> Path:
    return home / "logs"


def unfinished_files(storage: Path) -> Path:
    """Return where files of the storage lie until they are complete."""
    return storage / ".unfinished"


def secret_key(home: Path) -> str:
    """Return this home's own secret key, made at first use.

    Several processes may come here first at once: the key is complete before it has its name,
    and the first to give it that name wins.
    """
    path = home / "secret_key"
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            _write_secret_key(path)
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"PUPIL_HOME can't be used: {error}.") from error


def _write_secret_key(path: Path) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret_key.") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(file.name)
