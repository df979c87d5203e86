"""Bring it along: each format on a sample, on ten broken ones, and what importing promises."""

import io
import json
import zipfile
from contextlib import nullcontext
from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from django.core.files.storage import default_storage
from django.db.models.functions import Now

from tests.factories import ConceptFactory, UserFactory, jpeg
from tests.webapp.importing import samples
from tests.webapp.importing.breakages import BREAKAGES
from tests.webapp.importing.receiving import receive, send
from tests.webapp.importing.samples import SAMPLES, zipped
from tests.webapp.test_jobs import make_due
from webapp.errors import Conflict, Invalid, NotFound, QuotaExceeded, TooLarge
from webapp.formats import FormatError, Limits, Source
from webapp.models import Concept, Image, Import, Job, Label, Project
from webapp.services import forgetting, importing, jobs, projects
from webapp.services.files import delete_folder
from webapp.services.importing import arriving
from webapp.tasks import inspect

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    delete_folder(default_storage, "imports")


def take_in(user, received, project=None):
    """Do in this process what the worker does."""
    job = importing.start(received=received, user=user, project=project)
    [job] = jobs.claim(kind=Job.Kind.IMPORT)
    importing.take_in(job)
    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED
    return job.result


def kept_files():
    try:
        return default_storage.listdir("imports")[1]
    except FileNotFoundError:
        return []


def said(project):
    labels = Label.objects.filter(image__project=project).select_related("image", "concept")
    return {
        (PurePosixPath(label.image.filename).stem, label.concept.name, label.is_positive)
        for label in labels
    }


@pytest.mark.parametrize("kind", SAMPLES)
class TestEveryFormat:
    def test_its_sample_comes_in_as_it_says(self, user, project, kind):
        make, expected = SAMPLES[kind]
        received = receive(user, zipped(make()), project)
        assert received.format == kind.split("/")[0]
        assert (received.report["pictures"], received.report["problem_count"]) == (3, 0)
        assert received.report["labels"] == len(expected)
        assert not Image.objects.exists(), "a look changes nothing"
        assert not Concept.objects.exists()
        result = take_in(user, received, project)
        assert (result["added"], result["labels"]) == (3, len(expected))
        assert said(project) == expected

    @pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.__name__)
    def test_broken_it_is_told_and_nothing_comes_in_by_half(self, user, project, kind, breakage):
        make, expected = SAMPLES[kind]
        data = breakage(make())
        try:
            received = receive(user, data, project)
        except Invalid:
            assert not BREAKAGES[breakage]
            assert not kept_files()
            assert importing.unstarted(user=user).get().report == {}
            return
        assert BREAKAGES[breakage] is not False
        result = take_in(user, received, project)
        problems = received.report["problems"] + result["problems"]
        assert problems
        assert all(problem["item"] and problem["message"] for problem in problems)
        names = {PurePosixPath(image.filename).stem for image in Image.objects.all()}
        assert said(project) <= expected
        assert {picture for picture, _, _ in said(project)} <= names


class TestTheDryRun:
    def test_it_counts_what_is_here_already(self, user, project):
        data = zipped(samples.folders())
        take_in(user, receive(user, data, project), project)
        report = receive(user, data, project).report
        assert (report["pictures"], report["already"]) == (3, 3)
        assert [(c["name"], c["positives"], c["is_new"]) for c in report["concepts"]] == [
            ("Mia", 1, False),
            ("Rex", 2, False),
        ]

    def test_it_counts_what_is_there_twice(self, user):
        same = jpeg()
        report = receive(user, zipped({"Rex/a.jpg": same, "Rex/b.jpg": same})).report
        assert (report["pictures"], report["twice"]) == (2, 1)

    def test_a_name_too_long_for_a_concept_is_told(self, user):
        files = {f"{'x' * 120}/a.jpg": jpeg(), "Rex/b.jpg": jpeg()}
        report = receive(user, zipped(files)).report
        assert report["pictures"] == 1
        assert report["problems"][0]["code"] == "name_too_long"

    @pytest.mark.parametrize("strange", ["a\x00.jpg", "\ud800.jpg"])
    def test_a_file_may_name_what_no_database_takes(self, user, strange):
        images = [{"id": 1, "file_name": strange}, {"id": 2, "file_name": "a.jpg"}]
        coco = {"images": images, "categories": [], "annotations": []}
        data = zipped({"a.jpg": jpeg(), "coco.json": json.dumps(coco).encode()})
        report = receive(user, data).report
        assert [problem["code"] for problem in report["problems"]] == ["picture_missing"]

    @pytest.mark.parametrize("name", [".", "./"])
    def test_an_entry_without_a_name_is_told(self, user, name):
        report = receive(user, zipped({"Rex/a.jpg": jpeg(), name: b"x"})).report
        assert (report["pictures"], report["problem_count"]) == (1, 1)

    def test_a_damaged_picture_as_large_as_one_that_is_here_is_told(self, user, project):
        picture = jpeg()
        take_in(user, receive(user, zipped({"Rex/a.jpg": picture}), project), project)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:  # stored as it is
            archive.writestr("Rex/a.jpg", picture)
            archive.writestr("Rex/b.jpg", jpeg())
        data = buffer.getvalue().replace(picture[-2000:], bytes(2000))
        report = receive(user, data, project).report
        assert [problem["code"] for problem in report["problems"]] == ["damaged_in_zip"]

    def test_label_files_that_would_fill_the_memory_are_refused(self):
        files = {f"{n}.json": b"[" + b" " * 600 + b"]" for n in range(3)}
        source = Source(io.BytesIO(zipped(files)), Limits(max_document_bytes=1000))
        with pytest.raises(FormatError) as refused:
            source.documents()
        assert refused.value.code == "labels_too_large"

    @pytest.mark.parametrize(
        ("values", "has_room"),
        [
            (['{"a":1}'], False),
            (["[]"], False),
            (['"ab"'], True),
            (["1"], True),
            (['"ab"', '"ab"'], False),  # two files share it
        ],
    )
    def test_those_that_would_hold_more_than_they_say_are_refused(self, values, has_room):
        files = {f"{n}.json": f"[{','.join([one] * 1000)}]" for n, one in enumerate(values)}
        limits = Limits(max_parsed_bytes=100_000)
        source = Source(io.BytesIO(zipped({k: v.encode() for k, v in files.items()})), limits)
        for _ in range(2):
            with nullcontext() if has_room else pytest.raises(FormatError, match="too many values"):
                assert len(source.documents()) == len(values)

    def test_one_json_may_take_all_the_room_that_there_is_for_them(self):
        files = {"labels.json": b"[" + b" " * 600 + b"]"}
        limits = Limits(max_document_bytes=1000, max_text_bytes=100)
        assert Source(io.BytesIO(zipped(files)), limits).documents() == [("labels.json", [])]

    def test_a_table_over_the_limit_is_told(self):
        source = Source(io.BytesIO(zipped({"labels.csv": b"x\n" * 51})), Limits(max_text_bytes=100))
        with pytest.raises(FormatError) as refused:
            source.data("labels.csv")
        assert refused.value.code == "labels_too_large"

    def test_a_file_over_the_limit_is_refused(self, user, settings):
        settings.MAX_IMPORT_BYTES = 1000
        with pytest.raises(TooLarge):
            send(user, zipped(samples.folders()))
        assert not kept_files()

    def test_a_file_cut_off_on_its_way_is_refused(self, user):
        data = zipped(samples.folders())
        with pytest.raises(Invalid, match="cut off"):
            send(user, data, byte_size=len(data) + 1)
        assert not Import.objects.exists()
        assert not kept_files()

    def test_it_says_how_far_it_is(self, user, monkeypatch):
        monkeypatch.setattr(importing.inspecting, "_TELL_EVERY_SECONDS", 0)
        send(user, zipped(samples.folders()))
        told = []
        monkeypatch.setattr(jobs, "advance", lambda _, **far: told.append(far))
        inspect.run()
        assert told == [{"done": done, "total": 3} for done in range(3)]

    def test_until_it_has_ended_nothing_is_taken_in(self, user, project):
        received = send(user, zipped(samples.folders()))
        with pytest.raises(Conflict, match="not looked through"):
            importing.start(received=received, user=user, project=project)

    def test_cancelled_it_ends_and_leaves_nothing(self, user, monkeypatch):
        monkeypatch.setattr(importing.inspecting, "_TELL_EVERY_SECONDS", 0)
        received = send(user, zipped(samples.folders()))
        tally = importing.report._Tally
        monkeypatch.setattr(tally, "count", lambda *_: importing.forget(received))
        inspect.run()
        assert Job.objects.get(kind=Job.Kind.INSPECT).state == Job.State.CANCELLED
        assert not Import.objects.exists()
        assert not kept_files()

    def test_a_worker_that_dies_is_followed_by_another(self, user):
        received = send(user, zipped(samples.folders()))
        [job] = jobs.claim(kind=Job.Kind.INSPECT)
        jobs.retry([job], code="worker_failed", message="")
        make_due()
        inspect.run()
        received.refresh_from_db()
        assert received.report["pictures"] == 3

    def test_a_file_that_went_is_told(self, user):
        received = send(user, zipped(samples.folders()))
        default_storage.delete(received.file)
        inspect.run()
        assert importing.find(user=user, import_id=received.pk).job.error_code == "file_gone"


class TestWaiting:
    @pytest.fixture
    def few(self, monkeypatch):
        monkeypatch.setattr(arriving, "MAX_WAITING", 2)

    @pytest.mark.usefixtures("few")
    def test_nobody_has_too_many_that_wait(self, user, project):
        importing.start(received=receive(user, zipped(samples.folders())), user=user)
        send(user, b"a zip")
        with pytest.raises(Conflict) as raised:
            send(user, b"one more")
        assert raised.value.code == "imports_waiting"
        assert len(kept_files()) == 2
        send(UserFactory(), b"of somebody else")
        importing.forget(importing.unstarted(user=user).get())
        send(user, b"one more")

    @pytest.mark.usefixtures("few")
    def test_those_that_were_refused_make_room(self, user):
        for _ in range(3):
            with pytest.raises(Invalid):
                receive(user, b"no zip")
        assert importing.unstarted(user=user).count() == 1

    def test_their_bytes_count_as_their_senders_until_they_are_taken_in(
        self, user, project, settings
    ):
        data = zipped(samples.folders())
        settings.MAX_BYTES = {"installation": 0, "person": 2 * len(data) - 1, "project": 1}
        received = receive(user, data)
        with pytest.raises(QuotaExceeded):
            send(user, data)
        assert len(kept_files()) == 1
        send(UserFactory(), data)
        settings.MAX_BYTES["project"] = 0
        assert take_in(user, received, project)["added"] == 3

    def test_one_that_says_it_is_too_large_is_not_read(self, user, settings):
        class Unread(io.BytesIO):
            def read(self, *_):
                raise AssertionError

        settings.MAX_BYTES = {"installation": 10, "person": 0, "project": 0}
        with pytest.raises(QuotaExceeded):
            importing.receive(
                user=user, filename="a.zip", stream=Unread(), project=None, byte_size=11
            )


class TestTakingIn:
    def test_again_it_adds_nothing(self, user, project):
        data = zipped(samples.coco())
        take_in(user, receive(user, data, project), project)
        again = take_in(user, receive(user, data, project), project)
        assert (again["added"], again["already"], again["labels"]) == (0, 3, 0)
        assert Image.objects.count() == 3

    def test_what_people_marked_stands(self, user, project):
        take_in(user, receive(user, zipped({"Rex/a.jpg": (picture := jpeg())}), project), project)
        Label.objects.update(is_positive=False)
        take_in(user, receive(user, zipped({"rex/a.jpg": picture}), project), project)
        assert said(project) == {("a", "Rex", False)}

    def test_names_that_people_take_for_the_same_are_one_concept(self, user, project):
        ConceptFactory(project=project, name="Rex")
        take_in(user, receive(user, zipped({"REX/a.jpg": jpeg()}), project), project)
        assert said(project) == {("a", "Rex", True)}

    def test_without_a_project_it_makes_one(self, user):
        take_in(user, receive(user, zipped(samples.folders())))
        project = Project.objects.get(members=user)
        assert project.name == "pets"
        assert project.images.count() == 3

    def test_it_starts_once(self, user, project):
        received = receive(user, zipped(samples.folders()))
        importing.start(received=received, user=user, project=project)
        with pytest.raises(Conflict):
            importing.start(received=received, user=user, project=project)

    def test_broken_off_and_begun_again_it_goes_on(self, user, project, monkeypatch):
        received = receive(user, zipped(samples.folders()), project)
        importing.start(received=received, user=user, project=project)
        with monkeypatch.context() as patched:
            intake = importing.intake._Intake
            patched.setattr(intake, "_take", stop_after(1, intake._take))
            [job] = jobs.claim(kind=Job.Kind.IMPORT)
            with pytest.raises(KeyboardInterrupt):
                importing.take_in(job)
        assert Image.objects.count() == 1
        jobs.retry([job], code="worker_failed", message="")
        make_due()
        [job] = jobs.claim(kind=Job.Kind.IMPORT)
        importing.take_in(job)
        job.refresh_from_db()
        assert (job.result["added"], job.result["already"]) == (2, 1)

    def test_another_persons_import_is_not_there(self, user):
        received = receive(user, zipped(samples.folders()))
        with pytest.raises(NotFound):
            importing.find(user=UserFactory(), import_id=received.pk)

    def test_what_was_started_is_not_forgotten(self, user):
        received = receive(user, zipped(samples.folders()))
        importing.start(received=received, user=user)
        with pytest.raises(Conflict):
            importing.forget(received)
        assert default_storage.exists(received.file)

    def test_with_its_project_goes_its_file(self, user):
        received = receive(user, zipped(samples.folders()))
        started = importing.start(received=received, user=user)
        projects.erase(project=started.project, user=user)
        projects.erase_now(project_id=started.project_id)
        assert not default_storage.exists(received.file)

    def test_with_its_person_goes_its_file(self, user, django_capture_on_commit_callbacks):
        received = receive(user, zipped(samples.folders()))
        with django_capture_on_commit_callbacks(execute=True):
            forgetting.forget(user=user)
        assert not default_storage.exists(received.file)

    def test_what_was_only_looked_at_is_forgotten_after_a_day(self, user):
        received = receive(user, zipped(samples.folders()))
        importing.forget_unused()
        assert default_storage.exists(received.file)
        Import.objects.update(created_at=Now() - timedelta(days=2))
        importing.forget_unused()
        assert not default_storage.exists(received.file)
        assert not Import.objects.exists()


def stop_after(count, take):
    def take_or_stop(intake, source, item):
        if intake._counts["added"] == count:
            raise KeyboardInterrupt  # the worker is killed
        take(intake, source, item)

    return take_or_stop


class TestTables:
    @pytest.mark.parametrize(
        ("table", "expected"),
        [
            ("image;Rex;Mia\na.jpg;1;0\nb.jpg;1;1\n", samples.REX_AND_MIA | {("a", "Mia", False)}),
            ("TRAIN,gs://bucket/a.jpg,Rex\nTEST,gs://bucket/b.jpg,Rex,Mia\n", samples.REX_AND_MIA),
            ("id\tclass\na\tRex\nb\tRex\nb\tMia\n", samples.REX_AND_MIA),
            (
                'image,choice\na.jpg,Rex\nb.jpg,"{""choices"": [""Rex"", ""Mia""]}"\n',
                samples.REX_AND_MIA,
            ),
        ],
        ids=["a column each", "no header", "a row each", "lists as JSON"],
    )
    def test_it_is_understood(self, user, project, table, expected):
        files = {"t.csv": table.encode(), "a.jpg": jpeg(), "b.jpg": jpeg()}
        take_in(user, receive(user, zipped(files), project), project)
        assert said(project) == expected


class TestTeachableMachine:
    """What its files hold beside the usual: see also `samples.teachable_machine`."""

    def test_a_class_may_be_called_like_its_own_mark(self, user, project):
        files = {"a-!-b-!-12.jpg": jpeg(), "大生鮮蝦(一貫)-!-0.jpg": jpeg()}
        take_in(user, receive(user, zipped(files), project), project)
        assert {concept for _, concept, _ in said(project)} == {"a-!-b", "大生鮮蝦(一貫)"}

    def test_unpacked_and_packed_again_in_a_folder_it_is_known_all_the_same(self, user, project):
        files = {f"my project/{path}": data for path, data in samples.teachable_machine().items()}
        take_in(user, receive(user, zipped(files), project), project)
        assert said(project) == SAMPLES["teachable_machine"][1]

    def test_a_class_without_samples_or_name_harms_no_other(self, user):
        files = samples.teachable_machine() | {"-!-0.jpg": jpeg()}
        report = receive(user, zipped(files)).report
        assert (report["pictures"], report["problems"][0]["code"]) == (3, "bad_entry")

    @pytest.mark.parametrize(("kind", "plural"), [("audio", "sounds"), ("pose", "poses")])
    def test_what_is_no_picture_project_is_told(self, user, kind, plural):
        manifest = samples.as_json({"type": kind, "version": "2.4.4", "appdata": {}})
        with pytest.raises(Invalid, match=plural):
            receive(user, zipped({"manifest.json": manifest, "Rex-!-0.jpg": jpeg()}))
