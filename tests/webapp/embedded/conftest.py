import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A PUPIL_HOME of its own. Unlike `tmp_path`, the user that PostgreSQL runs as can reach it."""
    with tempfile.TemporaryDirectory(prefix="pupil-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
