"""Backup and restore, forgetting a person, and the log of who did what."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from tests import servers
from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    LabelFactory,
    ProjectFactory,
    UserFactory,
    VersionFactory,
)
from webapp.errors import PupilError
from webapp.models import (
    ApiToken,
    AuditEntry,
    Export,
    Image,
    Import,
    Invitation,
    Label,
    Membership,
    Project,
    User,
    Version,
)
from webapp.selectors import sign_indexes
from webapp.services import accounts, database_tools, members
from webapp.services import projects as project_services
from webapp.services import sign_indexes as sign_indexes_service

# Ends as the kernel ends who takes too much memory: nothing is cleaned up after it. A pipe holds
# 64 KB: who has written more was read from.
_RESTORE_HALF_AND_DIE = """
import os, pathlib, signal, sys
import django
django.setup()
from webapp.services import database_tools

def pour(source, target):
    sql = source._process.stdout.read()
    target._process.stdin.write(sql[: sql.index(b";\\n", 2**16) + 2])
    target._process.stdin.flush()
    os.kill(os.getpid(), signal.SIGKILL)

database_tools._Tool.pour_into = pour
database_tools.replace_all(pathlib.Path(sys.argv[1]))
"""


def run(command, *arguments, **options) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


@contextlib.contextmanager
def as_if_configured(options):
    """Connect with more options of libpq, as DATABASE_URL may name them."""
    before = connection.settings_dict["OPTIONS"]
    connection.close()
    connection.settings_dict["OPTIONS"] = {**before, **options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["OPTIONS"] = before


def _tables() -> list[tuple[int]]:
    """Return what tells each table from one of the same name that was made anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        return sorted(cursor.fetchall())


def stored_image(project, data: bytes) -> Image:
    image = ImageFactory(project=project)
    default_storage.save(image.original, ContentFile(data))
    return image


@pytest.mark.django_db(transaction=True)
class TestBackup:
    def test_what_was_built_and_what_waits_to_be_taken_in_comes_back_too(self, tmp_path, settings):
        settings.LEARNING_BACKGROUNDS = tmp_path / "backgrounds"
        settings.LEARNING_BACKGROUNDS.mkdir()
        background = settings.LEARNING_BACKGROUNDS / "mine.safetensors"
        background.write_bytes(b"statistics")
        default_storage.save("imports/waiting.zip", ContentFile(b"a data set"))
        waiting = {"filename": "a.zip", "format": "folders", "report": {}}
        Import.objects.create(user=UserFactory(), file="imports/waiting.zip", **waiting)
        Import.objects.create(user=UserFactory(), file="imports/lost.zip", **waiting)
        run("backup", tmp_path / "all.tar")
        background.unlink()
        default_storage.delete("imports/waiting.zip")
        run("restore", tmp_path / "all.tar", replace=True)
        told = AuditEntry.objects.filter(action__startswith="backup.").order_by("id")
        assert [one.action for one in told] == ["backup.begun", "backup.restored"]
        assert background.read_bytes() == b"statistics"
        with default_storage.open("imports/waiting.zip") as file:
            assert file.read() == b"a data set"
        assert [one.file for one in Import.objects.all()] == ["imports/waiting.zip"]
        default_storage.delete("imports/waiting.zip")

    def test_all_of_it_comes_back(self, tmp_path):
        project = ProjectFactory(name="Dogs")
        image = stored_image(project, b"a picture")
        LabelFactory(image=image, concept=ConceptFactory(project=project, name="Rex"))
        assert run("backup", tmp_path / "all.tar").startswith("1 files")

        default_storage.delete(image.original)
        Project.objects.all().delete()
        stored_image(ProjectFactory(), b"made since")
        with pytest.raises(CommandError, match="--replace"):
            run("restore", tmp_path / "all.tar")
        assert "1 files are back" in run("restore", tmp_path / "all.tar", replace=True)

        assert [one.name for one in Project.objects.all()] == ["Dogs"]
        assert Label.objects.get().concept.name == "Rex"
        with default_storage.open(image.original) as file:
            assert file.read() == b"a picture"

    def test_a_picture_deleted_meanwhile_is_not_half_there(self, tmp_path):
        project = ProjectFactory()
        kept, gone = stored_image(project, b"kept"), stored_image(project, b"gone")
        default_storage.delete(gone.original)  # between the dump and the files
        run("backup", tmp_path / "all.tar")
        assert "1 pictures" in run("restore", tmp_path / "all.tar", replace=True)
        assert list(Image.objects.all()) == [kept]

    def test_the_index_of_a_large_project_comes_along_where_the_server_gives_little_memory(
        self, tmp_path, large_from, monkeypatch
    ):
        large_from(1)
        monkeypatch.setattr(sign_indexes, "_LEAST_LISTS", 1200)
        project = ProjectFactory()
        for image in [stored_image(project, data) for data in (b"one", b"two")]:
            EmbeddingFactory(image=image)
        sign_indexes_service.tend()
        [index] = sign_indexes.whole_ones()
        run("backup", tmp_path / "all.tar")
        with as_if_configured({"options": "-c maintenance_work_mem=1MB"}):
            run("restore", tmp_path / "all.tar", replace=True)
        assert sign_indexes.whole_ones() == [index]

    def test_exported_files_stay_behind_and_so_do_their_rows(self, tmp_path):
        version = VersionFactory(artifact=default_storage.save("v.safetensors", ContentFile(b"x")))
        Export.objects.create(version=version, file="e", byte_size=1, parity={}, thresholds=[])
        run("backup", tmp_path / "all.tar")
        run("restore", tmp_path / "all.tar", replace=True)
        assert Version.objects.get() == version
        assert not Export.objects.exists()

    def test_it_goes_through_a_pipe(self, tmp_path, capfdbinary):
        stored_image(ProjectFactory(), b"a picture")
        run("backup", "-")
        piped = capfdbinary.readouterr()
        assert piped.err.startswith(b"1 files")
        (tmp_path / "all.tar").write_bytes(piped.out)
        assert "1 files are back" in run("restore", tmp_path / "all.tar", replace=True)

    def test_a_cut_backup_does_not_pass_for_a_whole_one(self, tmp_path):
        stored_image(ProjectFactory(), b"a picture")
        run("backup", tmp_path / "all.tar")
        data = (tmp_path / "all.tar").read_bytes()
        for length in (2000, len(data) // 2, data.rindex(b"a picture")):
            (tmp_path / "cut.tar").write_bytes(data[:length])
            with pytest.raises(CommandError):
                run("restore", tmp_path / "cut.tar", replace=True)
            assert Project.objects.exists()

    def test_a_dump_that_breaks_off_changes_nothing(self, tmp_path):
        project = ProjectFactory()
        with tempfile.TemporaryFile() as whole:
            database_tools.dump(whole)
            whole.seek(0)
            data = whole.read()
        broken = tmp_path / "broken.dump"
        for length in (3000, len(data) // 2):
            broken.write_bytes(data[:length])
            with pytest.raises(PupilError):
                database_tools.replace_all(broken)
            assert Project.objects.filter(pk=project.pk).exists()

    def test_what_the_database_does_not_take_changes_nothing(self, tmp_path, monkeypatch):
        project = ProjectFactory()
        run("backup", tmp_path / "all.tar")
        refused = "CREATE TABLE webapp_project (name text)"  # in the way of what comes
        monkeypatch.setattr(database_tools, "_EMPTIED", f"{database_tools._EMPTIED}; {refused}")
        with pytest.raises(CommandError, match=r"psql: .*already exists"):
            run("restore", tmp_path / "all.tar", replace=True)
        assert Project.objects.filter(pk=project.pk).exists()

    def test_a_restore_that_is_killed_changes_nothing(self, tmp_path):
        ProjectFactory()
        dumped = tmp_path / "all.dump"
        with dumped.open("wb") as file:
            database_tools.dump(file)
        tables = _tables()
        connection.close()  # it would be ended
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        environment["DATABASE_URL"] = servers.database_url()
        restore = [sys.executable, "-c", _RESTORE_HALF_AND_DIE, dumped]
        died = subprocess.run(restore, env=environment, timeout=120, check=False)
        assert died.returncode == -signal.SIGKILL
        assert Project.objects.exists()  # waits for who holds the table
        assert _tables() == tables

    def test_the_tools_are_told_all_that_the_connection_was(self, monkeypatch):
        told = {"sslmode": "disable", "connect_timeout": "7", "application_name": "pupil test"}
        with as_if_configured(told):
            address = database_tools._address("-c work_mem=5MB")
        for said in ("sslmode='disable'", "connect_timeout='7'", "application_name='pupil test'"):
            assert said in address
        assert "work_mem=5MB" in address
        assert "password" not in address

    def test_a_password_of_the_environment_or_of_an_option_reaches_the_tools(self, monkeypatch):
        monkeypatch.setenv("PGPASSWORD", "of the environment")
        assert database_tools._environment()["PGPASSWORD"] == "of the environment"
        with as_if_configured({"password": "of an option", "sslpassword": "of a key"}):
            assert database_tools._environment()["PGPASSWORD"] == "of an option"
            assert "of a" not in database_tools._address()

    def test_where_tls_is_asked_for_the_tools_are_those_that_speak_it(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "sslmode", "verify-full")
        with pytest.raises(PupilError, match="install its client programs"):
            database_tools._path("pg_dump")
        tool = tmp_path / "pg_dump"
        tool.touch(mode=0o755)
        assert database_tools._path("pg_dump") == str(tool)

    @pytest.mark.parametrize(
        "name", ["storage/../out", "storage//out", r"storage/a\..\b", "backgrounds/../out"]
    )
    def test_a_name_that_leads_out_of_it_changes_nothing(self, tmp_path, name):
        run("backup", tmp_path / "all.tar")
        kept = ProjectFactory()
        with tarfile.open(tmp_path / "all.tar", "a") as tar:
            tar.addfile(tarfile.TarInfo(name))
        with pytest.raises(CommandError, match="no name for a file"):
            run("restore", tmp_path / "all.tar", replace=True)
        assert list(Project.objects.all()) == [kept]

    def test_where_files_cannot_be_written_nothing_changes(self, tmp_path, monkeypatch):
        stored_image(ProjectFactory(), b"a picture")
        run("backup", tmp_path / "all.tar")
        kept = ProjectFactory()

        def full(*_):
            raise OSError("No space left on device")

        monkeypatch.setattr(default_storage, "save", full)
        with pytest.raises(CommandError, match="No space left"):
            run("restore", tmp_path / "all.tar", replace=True)
        assert kept in Project.objects.all()

    def test_what_is_no_archive_changes_nothing(self, tmp_path):
        ProjectFactory()
        with tarfile.open(tmp_path / "other.tar", "w"):
            pass
        (tmp_path / "text").write_text("hello")
        for name in ("other.tar", "text", "nowhere"):
            with pytest.raises(CommandError):
                run("restore", tmp_path / name, replace=True)
        assert Project.objects.exists()


@pytest.mark.django_db
class TestForgetting:
    def test_a_person_and_what_is_theirs_alone(self):
        user = UserFactory()
        client = Client()
        client.force_login(user)
        accounts.create_token(user=user, name="Zora's camera")
        alone, shared = ProjectFactory(owner=user), ProjectFactory(owner=user)
        friend = UserFactory()
        Membership.objects.create(project=shared, user=UserFactory(), role="viewer")
        Membership.objects.create(project=shared, user=friend, role="editor")
        AuditEntry.objects.create(
            action="project.made", project=alone, actor=user, details={"name": "Zora's"}
        )
        image = ImageFactory(project=shared, created_by=user)
        LabelFactory(image=image, concept=ConceptFactory(project=shared), set_by=user)
        members.invite(project=shared, user=user, role="owner")
        assert "erased: 1" in run("forget", user.email, yes=True)

        assert not User.objects.filter(email=user.email).exists()
        assert not ApiToken.objects.exists()
        assert client.get("/account/").status_code == 302
        alone.refresh_from_db()
        assert alone.erased_at is not None
        assert Membership.objects.get(project=shared, user=friend).role == "owner"
        assert Label.objects.get().set_by is None
        assert not Invitation.objects.exists()  # they have the link still
        told = str(list(AuditEntry.objects.values_list()))
        assert user.email not in told
        assert "Zora" not in told
        forgotten = AuditEntry.objects.get(action="person.forgotten")
        assert (forgotten.actor, forgotten.project, forgotten.details) == (
            None,
            None,
            {"projects": 1},
        )

    def test_asks_first(self, user, monkeypatch):
        monkeypatch.setattr("builtins.input", lambda _: "n")
        with pytest.raises(CommandError, match="Nothing"):
            run("forget", user.email)
        monkeypatch.undo()
        monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody is there
        with pytest.raises(CommandError, match="--yes"):
            run("forget", user.email)
        assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.django_db
class TestAudit:
    def test_who_did_what(self, user):
        project = project_services.create(user=user, name="Dogs")
        _, key = members.invite(project=project, user=user, role="editor")
        friend = UserFactory()
        members.accept(key=key, user=friend)
        member = Membership.objects.get(user=friend)
        members.change_role(project=project, user=user, member_id=member.pk, role="viewer")
        members.remove(project=project, user=user, member_id=member.pk)
        project_services.erase(project=project, user=user)
        told = AuditEntry.objects.filter(project=project).order_by("id")
        assert [(one.actor, one.action) for one in told] == [
            (user, "project.made"),
            (user, "member.invited"),
            (friend, "member.joined"),
            (user, "member.changed"),
            (user, "member.removed"),
            (user, "project.deleted"),
        ]

    def test_keys_are_not_in_it(self, user, project):
        _, token_key = accounts.create_token(user=user, name="camera")
        _, key = members.invite(project=project, user=user, role="viewer")
        told = str(list(AuditEntry.objects.values_list()))
        assert token_key not in told
        assert key not in told

    def test_owners_see_it(self, user, project):
        members.invite(project=project, user=user, role="editor")
        client = Client()
        client.force_login(user)
        page = client.get(f"/projects/{project.pk}/people/").content.decode()
        assert "invited somebody as editor" in page

    def test_a_deleted_concept_is_told_with_what_went_with_it(self, user, project):
        label = LabelFactory(
            image=ImageFactory(project=project), concept=ConceptFactory(project=project)
        )
        client = Client()
        client.force_login(user)
        client.delete(f"/api/v1/projects/{project.pk}/concepts/{label.concept_id}")
        told = AuditEntry.objects.get(action="concept.deleted")
        assert (told.actor, told.project, told.details["labels"]) == (user, project, 1)
        page = client.get(f"/projects/{project.pk}/people/").content.decode()
        assert f"deleted a concept: {label.concept.name}, with 1 mark<" in page

    def test_staff_see_what_belongs_to_no_project(self, user):
        user.set_password("plum-tea-44-kites")
        user.save()
        client = Client()
        client.post("/accounts/login/", {"login": user.email, "password": "plum-tea-44-kites"})
        new = "kites-44-tea-plum"
        sent = {"oldpassword": "plum-tea-44-kites", "password1": new, "password2": new}
        client.post("/accounts/password/change/", sent)
        accounts.create_token(user=user, name="camera")
        gone = ProjectFactory(owner=user)
        project_services.erase(project=gone, user=user)
        gone.delete()
        staff = Client()
        staff.force_login(UserFactory(is_staff=True))
        page = staff.get("/operations/")
        deeds = [(deed.actor, deed.action) for deed, _ in page.context["deeds"]]
        assert deeds == [
            (user, "project.deleted"),
            (user, "token.made"),
            (user, "password.changed"),
            (user, "person.signed_in"),
        ]
        assert "set a password" in page.content.decode()
