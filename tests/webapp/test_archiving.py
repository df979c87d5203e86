"""A whole project taken away, and the same one on another instance."""

import hashlib
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import call_command

from tests.factories import ProjectFactory, UserFactory, jpeg
from tests.webapp.importing.receiving import receive
from tests.webapp.importing.samples import zipped
from tests.webapp.test_jobs import make_due
from tests.webapp.test_teaching import (
    SHAPES,
    TIMEOUT_SECONDS,
    all_indexed,
    at_rest,
    shapes,
    train,
    upload,
    wait_for,
)
from webapp.errors import Invalid
from webapp.models import (
    Draft,
    Image,
    Job,
    Label,
    Opinion,
    Prediction,
    Project,
    Version,
    VersionEvent,
)
from webapp.selectors import disagreement
from webapp.services import archiving, importing, jobs, labels, projects, recovery, versions
from webapp.services.archiving import tables
from webapp.services.archiving.tables import CARRIED, LEFT_BEHIND


def taken_away(project):
    return b"".join(archiving.write(project))


def brought_along(user, data):
    started = importing.start(received=receive(user, data), user=user)
    for job in jobs.claim(kind=Job.Kind.IMPORT):  # where no worker is quicker
        importing.take_in(job)
    done = jobs.wait(started, timeout_seconds=TIMEOUT_SECONDS)
    assert done.state == Job.State.SUCCEEDED, done.error_message
    return Project.objects.get(pk=started.project_id)


def digest(rows):
    return hashlib.sha256(json.dumps(sorted(rows), default=str).encode()).hexdigest()


def state_of(project):
    """Hashes of all that makes up a project, without what differs between instances: ids."""
    pictures = [
        (i.sha256, i.filename, i.status, i.is_test, i.width, i.created_at, _sha256(i.original))
        for i in Image.objects.filter(project=project)
    ]
    labels = Label.objects.filter(image__project=project).values_list(
        "image__sha256", "concept__name", "is_positive", "set_at"
    )
    predictions = Prediction.objects.filter(image__project=project).values_list(
        "image__sha256", "concept__name", "probability", "is_present"
    )
    made = [
        (v.number, v.stage, v.name, v.note, v.fingerprint, v.seconds, _sha256(v.artifact))
        for v in Version.objects.filter(project=project)
    ]
    events = VersionEvent.objects.filter(project=project).values_list("number", "kind", "at")
    concepts = project.concepts.values_list("name", "colour", "created_at")
    kinds = (pictures, labels, predictions, made, events, concepts)
    return [digest(list(kind)) for kind in kinds]


def _sha256(name):
    with default_storage.open(name) as file:
        return hashlib.sha256(file.read()).hexdigest()


@pytest.mark.usefixtures("transactional_db")
class TestThereAndBack:
    @pytest.fixture
    def taught(self, worker, project, user):
        for shape in SHAPES:
            upload(project, user, *shapes(shape, 3), concepts=[shape])
        wait_for(project, all_indexed(project))
        version = train(project, user)
        wait_for(project, at_rest(project))
        versions.move(version=version, user=user, stage=Version.Stage.LIVE)
        projects.update(project=project, exclusive=True)
        project.refresh_from_db()
        return project

    def test_pictures_labels_versions_and_predictions_are_the_same(self, worker, taught):
        data = taken_away(taught)
        twin = brought_along(UserFactory(), data)
        assert state_of(twin) == state_of(taught)
        assert (twin.name, twin.exclusive) == (taught.name, True)
        assert twin.version.number == taught.version.number
        assert twin.labels_revision == taught.labels_revision
        assert {c["name"] for c in twin.version.concepts} == set(SHAPES)
        assert {c["id"] for c in twin.version.concepts} == {c.pk for c in twin.concepts.all()}
        projects.erase_now(project_id=taught.pk)  # nothing of it is lent
        assert _sha256(twin.images.first().original) == twin.images.first().sha256

    def test_the_twin_goes_on_learning(self, worker, taught):
        user = UserFactory()
        twin = brought_along(user, taken_away(taught))
        [image] = upload(twin, user, *shapes("disc", 1))
        wait_for(twin, all_indexed(twin))
        best = Prediction.objects.filter(image=image).order_by("-probability").first()
        assert best.concept.name == "disc"
        assert train(twin, user).number == 2

    def test_drafts_stay_behind(self, worker, taught):
        twin = brought_along(UserFactory(), taken_away(taught))
        assert not Draft.objects.filter(project=twin).exists()


@pytest.mark.django_db
class TestTheFile:
    @pytest.fixture
    def project(self, project, user):
        upload(project, user, ("a.jpg", jpeg()), ("b.jpg", jpeg()), concepts=["Rex"])
        return project

    def test_its_manifest_names_every_file_with_its_hash(self, project):
        with zipfile.ZipFile(io.BytesIO(taken_away(project))) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            assert (manifest["format"], manifest["version"]) == ("pupil-project", 1)
            assert {*manifest["files"], "manifest.json"} == set(archive.namelist())
            for path, told in manifest["files"].items():
                data = archive.read(path)
                assert told == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    def test_it_is_sent_in_pieces(self, project, user):
        large = jpeg(size=(4000, 3000), seed=1)
        upload(project, user, ("large.jpg", large + bytes(8 * 2**20)))
        assert max(map(len, archiving.write(project))) < 2 * 2**20

    def test_unread_pictures_are_read_there(self, project, user):
        twin = brought_along(user, taken_away(project))
        waiting = Job.objects.filter(kind=Job.Kind.INDEX, project=twin)
        assert set(waiting.values_list("subject_id", flat=True)) == set(
            twin.images.values_list("pk", flat=True)
        )

    def test_the_look_says_what_is_in_it(self, project, user):
        report = receive(user, taken_away(project)).report
        assert (report["format"], report["name"]) == ("pupil", project.name)
        assert (report["pictures"], report["labels"]) == (2, 2)

    def test_every_kind_of_row_is_carried_or_left_on_purpose(self):
        there = {model._meta.model_name for model in apps.get_app_config("webapp").get_models()}
        carried = {table.model._meta.model_name for table in CARRIED}
        assert there == carried | LEFT_BEHIND
        assert not carried & LEFT_BEHIND


def _changed(data, change):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    return zipped(files)


def _other_picture(files):
    path = next(path for path in files if path.startswith("originals/"))
    files[path] = jpeg()


def _rehash(files):
    manifest = json.loads(files["manifest.json"])
    for path, data in files.items():
        if path != "manifest.json":
            told = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            manifest["files"][path] = told
    files["manifest.json"] = json.dumps(manifest).encode()


def _forged_picture(files):
    _other_picture(files)
    _rehash(files)


def _rows_that_point_nowhere(files):
    rows = [json.loads(line) for line in files["rows/label.jsonl"].splitlines()]
    files["rows/label.jsonl"] = b"".join(json.dumps({**r, "image_id": 1}).encode() for r in rows)
    _rehash(files)


def _rows_of_nonsense(files):
    files["rows/image.jsonl"] = b'{"id": 1, "sha256": ["x"], "status": 7}\n'
    _rehash(files)


def _from_the_future(files):
    manifest = json.loads(files["manifest.json"])
    files["manifest.json"] = json.dumps({**manifest, "version": 2}).encode()


def _without_a_file(files):
    del files["rows/label.jsonl"]


def _without_a_list(files):
    manifest = json.loads(files["manifest.json"])
    files["manifest.json"] = json.dumps({**manifest, "files": None}).encode()


def _names_of_nonsense(files):
    manifest = json.loads(files["manifest.json"])
    files["manifest.json"] = json.dumps({**manifest, "concepts": 7}).encode()


def _a_hash_of_nonsense(files):
    manifest = json.loads(files["manifest.json"])
    told = dict.fromkeys(manifest["files"], "x")
    files["manifest.json"] = json.dumps({**manifest, "files": told}).encode()


def _a_fact_of_nonsense(files):
    files["rows/image.jsonl"] = files["rows/image.jsonl"].replace(b"false", b'"perhaps"', 1)
    _rehash(files)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        _other_picture,
        _forged_picture,
        _rows_that_point_nowhere,
        _rows_of_nonsense,
        _from_the_future,
        _without_a_file,
        _without_a_list,
        _names_of_nonsense,
        _a_hash_of_nonsense,
        _a_fact_of_nonsense,
    ],
)
def test_a_damaged_archive_is_told_and_leaves_nothing(user, project, change):
    upload(project, user, ("a.jpg", jpeg()), concepts=["Rex"])
    data = _changed(taken_away(project), change)
    with pytest.raises(Invalid):
        brought_along(user, data)
    job = Job.objects.filter(kind=Job.Kind.IMPORT).first()
    if job:
        importing.give_up(job, Invalid("It is damaged."))
    assert Project.objects.get(erased_at=None) == project
    assert Image.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_row_that_would_fill_the_memory_is_refused(user, project, monkeypatch, end):
    monkeypatch.setattr(tables, "MAX_ROW_BYTES", 5000)

    def one_endless_row(files):
        files["rows/concept.jsonl"] = b"[" + b"[]," * 2000 + b"[]]" + end
        _rehash(files)

    with pytest.raises(Invalid) as refused:
        brought_along(user, _changed(taken_away(project), one_endless_row))
    assert refused.value.code == "row_too_large"


@pytest.mark.django_db
def test_rows_come_in_few_at_a_time_where_they_are_long(user, project, monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROW_BYTES", 600)
    upload(project, user, *[(f"{n}.jpg", jpeg((n, n, n))) for n in range(3)])
    rows = b"".join(archiving.write(project))
    with zipfile.ZipFile(io.BytesIO(rows)) as archive, archive.open("rows/image.jsonl") as file:
        told = [len(some) for some in tables.read_rows(file)]
    assert sum(told) == 3
    assert len(told) > 1


def _someone_elses_row(files):
    manifest = json.loads(files["manifest.json"])
    victim = Project.objects.get(name="Theirs")
    manifest["settings"] |= {"id": victim.pk, "name": "Mine now", "erased_at": "2020-01-01"}
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.django_db
def test_an_archive_that_breaks_three_workers_leaves_no_empty_project(user, project, monkeypatch):
    upload(project, user, *shapes("disc", 1))
    received = receive(user, taken_away(project))
    started = importing.start(received=received, user=user)
    for _ in range(jobs.MAX_ATTEMPTS):
        make_due()
        recovery.give_back(jobs.claim(kind=Job.Kind.IMPORT))
    started.refresh_from_db()
    assert started.state == Job.State.FAILED
    assert Project.objects.get(pk=started.project_id).erased_at
    projects.erase_now(project_id=started.project_id)
    assert not default_storage.exists(received.file)


@pytest.mark.django_db
def test_an_archive_writes_to_its_own_project_alone(user, project):
    victim = ProjectFactory(name="Theirs")
    twin = brought_along(user, _changed(taken_away(project), _someone_elses_row))
    victim.refresh_from_db()
    assert (victim.name, victim.erased_at) == ("Theirs", None)
    assert (twin.name, twin.erased_at) == (project.name, None)


@pytest.mark.django_db
def test_what_another_worker_restored_meanwhile_stays(user, project):
    upload(project, user, ("a.jpg", jpeg()), concepts=["Rex"])
    importing.start(received=receive(user, taken_away(project)), user=user)
    [late] = jobs.claim(kind=Job.Kind.IMPORT)
    Job.objects.filter(pk=late.pk).update(state=Job.State.QUEUED)  # the sweeper thought it dead
    [quick] = jobs.claim(kind=Job.Kind.IMPORT)
    importing.take_in(quick)
    importing.give_up(late, Invalid("Its rows do not fit together."))
    twin = Project.objects.get(pk=quick.project_id)
    assert (twin.erased_at, twin.images.count()) == (None, 1)
    assert Job.objects.get(pk=quick.pk).state == Job.State.SUCCEEDED


@pytest.mark.django_db
def test_what_each_said_comes_along_but_not_their_names(user, project):
    ben = UserFactory(email="ben@example.org")
    upload(project, user, ("a.jpg", jpeg()), concepts=["Rex"])
    image = project.images.get()
    change = labels.Change(image.pk, "Rex", is_positive=False)
    labels.set_labels(project=project, user=ben, changes=[change])
    data = taken_away(project)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(ben.email.encode() in archive.read(name) for name in archive.namelist())
    twin = brought_along(user, data)
    said = {(one.by, one.is_positive) for one in Opinion.objects.filter(image__project=twin)}
    assert said == {("Person 1", True), ("Person 2", False)}
    assert disagreement.count_disputed(twin) == 1
    assert [(p.first, p.second) for p in disagreement.pairs(twin)] == [("Person 1", "Person 2")]
    change = labels.Change(twin.images.get().pk, "Rex", is_positive=True)
    labels.set_labels(project=twin, user=user, changes=[change])
    again = brought_along(user, taken_away(twin))
    people = [one.by for one in Opinion.objects.filter(image__project=again).order_by("person")]
    assert people == ["Person 1", "Person 2", "Person 3"]


class TestCommands:
    @pytest.mark.usefixtures("transactional_db")
    def test_there_and_back(self, worker, user, project, tmp_path, capsys):
        upload(project, user, ("a.jpg", jpeg()), concepts=["Rex"])
        wait_for(project, all_indexed(project))
        path = tmp_path / "shapes.zip"
        call_command("export_project", project.pk, path)
        call_command("import_project", path, "--dry-run", "--email", user.email)
        assert Project.objects.count() == 1
        call_command("import_project", path, "--email", user.email)
        assert "1 pictures, 1 labels of Rex" in capsys.readouterr().out
        assert state_of(Project.objects.latest("id")) == state_of(project)
