import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A PUPIL_HOME of its own. Unlike `tmp_path`, the user that PostgreSQL runs as can reach it."""
    yield from _folder()


@pytest.fixture
def other_home() -> Iterator[Path]:
    yield from _folder()


@pytest.fixture
def free_port() -> Callable[[], int]:
    def free_port() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
            return port

    return free_port


def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pupil-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
