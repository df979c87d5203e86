"""Who starts in a dead worker's place gives back what that one had claimed, and nobody else's."""

import os
import signal
import subprocess
import sys
import uuid
from unittest.mock import MagicMock

import pytest
from celery.signals import celeryd_after_setup
from django.conf import settings

from tests.factories import JobFactory
from webapp.models import Job
from webapp.services import jobs, recovery
from webapp.services.jobs import lives
from webapp.tasks import succession  # noqa: F401  listens

LIVE = """
import sys, time, uuid
from pathlib import Path
from webapp.services.jobs import lives
from webapp.tasks import succession  # noqa: F401  listens
print(lives.succeed("index@here", Path(sys.argv[1])), lives.current(), flush=True)
sys.stdin.read()
"""


def lived(folder) -> tuple[subprocess.Popen[str], str, str]:
    """Start a process that takes the name; return it, the life before, and its own."""
    code = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'webapp.settings'\n"
    code += "import django; django.setup()\n" + LIVE
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    before, own = process.stdout.readline().split()
    return process, before, own


def test_a_life_is_over_when_its_process_is_dead_and_not_before(tmp_path):
    first, before, life = lived(tmp_path)
    assert before == "None"
    assert lives.succeed("index@here", tmp_path) is None
    assert lives.succeed("teach@here", tmp_path) is None
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert str(lives.succeed("index@here", tmp_path)) == life


def test_files_of_lives_that_are_over_go_after_a_day(tmp_path):
    process, _, _ = lived(tmp_path)
    for name in ("gone@there", "young@there"):
        (tmp_path / f"{name}.life").write_text(str(uuid.uuid4()))
    for name in ("index@here", "gone@there"):
        os.utime(tmp_path / f"{name}.life", (0, 0))
    lives.forget_dead(tmp_path)
    process.communicate()
    assert {path.name for path in tmp_path.iterdir()} == {"index@here.life", "young@there.life"}


def test_names_stay_in_their_folder(tmp_path):
    lives.succeed("../../index@here", tmp_path / "workers")
    assert [path.parent for path in tmp_path.rglob("*.life")] == [tmp_path / "workers"]


@pytest.mark.django_db
def test_only_what_was_claimed_in_that_life_is_given_back():
    JobFactory.create_batch(2)
    ours, theirs = jobs.claim(kind=Job.Kind.INDEX, limit=2)
    life = uuid.uuid4()
    Job.objects.filter(pk=theirs.pk).update(claimed_in=life)
    recovery.requeue_left_by(life)
    states = dict(Job.objects.values_list("pk", "state"))
    assert states == {ours.pk: "running", theirs.pk: "queued"}


@pytest.mark.django_db
def test_a_worker_that_starts_gives_back_what_was_left_in_its_place(settings, tmp_path):
    settings.PUPIL_HOME = tmp_path
    life = uuid.uuid4()
    job = JobFactory(state="running", claimed_in=life, attempts=1)
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers" / "index@here.life").write_text(str(life))
    celeryd_after_setup.send(sender="index@here", instance=MagicMock(), conf=None)
    job.refresh_from_db()
    assert job.state == "queued"
