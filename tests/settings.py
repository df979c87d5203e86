"""The app's settings, on a home that is thrown away afterwards.

Environment variables, so that the servers and workers that tests start have them too.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

_home = Path(tempfile.mkdtemp(prefix="pupil-test-"))
_home.chmod(0o711)  # PostgreSQL may have to run as another user
atexit.register(shutil.rmtree, _home, ignore_errors=True)

os.environ["PUPIL_HOME"] = str(_home)
if "REDIS_URL" in os.environ:  # the tests empty their database, so it must not be anybody's
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path="/15").geturl()

from webapp.settings import *  # noqa: E402, F403
from webapp.settings import STATIC_ROOT, STORAGES  # noqa: E402

# Without a manifest of hashes: unit tests don't collect static files first.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir()
