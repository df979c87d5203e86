"""The app on servers that are not ours: a Redis of Debian's and an S3 server, by settings alone."""

import subprocess
import sys

import pytest
from django.conf import settings

# What stores, shows, deletes, backs up and restores; all of it: `python -m tests.real`.
TESTS = ["tests/webapp/test_images.py", "tests/webapp/test_archives.py"]


@pytest.mark.timeout(540)  # it is a run of tests of its own
def test_what_keeps_pictures_does_so_in_a_bucket():
    done = subprocess.run(
        [sys.executable, "-m", "tests.real", *TESTS, "-q"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
