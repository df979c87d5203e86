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

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker:  # networks are converted once for all of its processes
    (_home / "cache").symlink_to(Path(os.environ["PUPIL_HOME"]) / "cache")
os.environ["PUPIL_HOME"] = str(_home)
if "REDIS_URL" in os.environ:  # the tests empty their database, so it must not be anybody's
    _database = 15 - int(_worker.removeprefix("gw") or 0)
    assert _database > 0, "Redis has room for 15 processes"
    _url = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{_database}")
    os.environ["REDIS_URL"] = _url.geturl()
if _worker and "PUPIL_S3_BUCKET" in os.environ:  # see `tests.real`
    os.environ["PUPIL_S3_BUCKET"] += f"-{_worker}"

from webapp.settings import *  # noqa: E402, F403
from webapp.settings import DATABASES, LEARNING_CACHE, STATIC_ROOT, STORAGES  # noqa: E402

# Without a manifest of hashes: unit tests don't collect static files first.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Who waits in the database hears no signal, so no time-out either.
_options = DATABASES["default"].setdefault("OPTIONS", {})
_options["options"] = f"{_options.get('options', '')} -c lock_timeout=60s".strip()
STATIC_ROOT.mkdir()
LEARNING_CACHE.mkdir(exist_ok=True)
