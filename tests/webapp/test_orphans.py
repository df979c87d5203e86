"""Files that no row names are found, and removed where that can do no harm."""

import os
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from tests.factories import ImageFactory, JobFactory, UserFactory, VersionFactory
from webapp import events
from webapp.models import Export, Import, Job
from webapp.services import orphans
from webapp.services.files import delete_folder
from webapp.services.images import storage_name
from webapp.tasks import housekeeping

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(settings.S3_BUCKET), reason="a bucket's dates can't be set"),
]
SHA = "ab" * 32


@pytest.fixture(autouse=True)
def _empty_storage():
    for folder in ("projects", "imports", "elsewhere"):
        delete_folder(default_storage, folder)


def put(name: str, age: timedelta = timedelta(days=2)) -> str:
    default_storage.save(name, ContentFile(b"bytes"))
    then = time.time() - age.total_seconds()
    os.utime(default_storage.path(name), (then, then))
    return name


def found():
    return [orphan.name for orphan in orphans.find()]


def files_of(project):
    """Put one file of each kind that no row names."""
    folder = f"projects/{project.pk}"
    pictures = [storage_name(project.pk, kind, SHA, "jpg") for kind in ("originals", "thumbnails")]
    return [put(name) for name in (*pictures, f"{folder}/versions/v.safetensors",
                                   f"{folder}/exports/e.onnx", "imports/i.zip")]  # fmt: skip


class TestWhatIsFound:
    def test_files_of_each_kind_that_no_row_names(self, project):
        names = files_of(project)
        assert sorted(found()) == sorted(names)

    def test_files_of_a_project_that_is_gone(self):
        name = put(storage_name(10**9, "originals", SHA, "jpg"))
        assert found() == [name]

    def test_none_that_is_younger_than_a_day(self, project):
        put(f"projects/{project.pk}/versions/new.safetensors", timedelta(hours=23))
        assert found() == []

    def test_none_that_a_row_names(self, project):
        image = ImageFactory(project=project, sha256=SHA)
        version = VersionFactory(
            project=project, artifact=f"projects/{project.pk}/versions/v.safetensors"
        )
        export = Export.objects.create(
            version=version,
            file=f"projects/{project.pk}/exports/e.onnx",
            byte_size=1,
            parity={},
            thresholds=[],
        )
        received = Import.objects.create(user=UserFactory(), file="imports/i.zip")
        for name in (image.original, version.artifact, export.file, received.file):
            put(name)
        assert found() == []

    def test_nothing_where_pupil_puts_nothing(self, project):
        put("elsewhere/mine.jpg")
        put(f"projects/{project.pk}/mine.txt")
        put("projects/mine/versions/v.safetensors")
        assert found() == []

    @pytest.mark.parametrize(
        ("state", "is_left"),
        [("running", False), ("failed", False), ("succeeded", True), ("cancelled", True)],
    )
    def test_a_data_set_until_it_is_taken_in(self, project, state, is_left):
        job = JobFactory(project=project, kind=Job.Kind.IMPORT, state=state)
        Import.objects.create(user=UserFactory(), project=project, job=job, file="imports/i.zip")
        put("imports/i.zip")
        assert found() == (["imports/i.zip"] if is_left else [])


class TestRemoving:
    def test_one_that_found_its_row_meanwhile_stays(self, project):
        put(storage_name(project.pk, "originals", SHA, "jpg"))
        [orphan] = orphans.find()
        ImageFactory(project=project, sha256=SHA)
        assert not orphans.remove(orphan)
        assert default_storage.exists(orphan.name)

    def test_one_that_was_written_again_meanwhile_stays(self, project):
        name = put(storage_name(project.pk, "originals", SHA, "jpg"))
        [orphan] = orphans.find()
        put(name, timedelta())
        assert not orphans.remove(orphan)
        assert default_storage.exists(name)

    def test_one_that_somebody_else_removes_meanwhile_stops_nothing(self, project):
        names = [put(f"projects/{project.pk}/exports/{name}.onnx") for name in "ab"]
        there = list(orphans.find())
        default_storage.delete(names[0])
        assert [orphans.remove(orphan) for orphan in there] == [True, True]
        assert not default_storage.exists(names[1])

    def test_the_sweep_leaves_what_may_be_the_only_copy(self, project):
        original, thumbnail, artifact, export, data_set = files_of(project)
        orphans.sweep()
        assert sorted(found()) == sorted([original, artifact])
        for name in (thumbnail, export, data_set):
            assert not default_storage.exists(name)

    def test_the_clock_has_it_done_once_a_day(self, databases, monkeypatch):
        wanted = []
        monkeypatch.setattr("webapp.tasks.transfer.sweep_storage.delay", lambda: wanted.append(1))
        events.client().delete("orphans:swept")
        housekeeping.sweep()
        housekeeping.sweep()
        assert wanted == [1]


class TestTheCommand:
    def test_says_what_it_would_remove_and_removes_it_when_told_to(self, project, capsys):
        names = files_of(project)
        call_command("orphans")
        assert "5 files, 0.0 MB, could be removed" in capsys.readouterr().out
        assert len(found()) == 5
        call_command("orphans", "--delete")
        told = capsys.readouterr().out
        assert all(name in told for name in names)
        assert found() == []
