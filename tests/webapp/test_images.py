"""Pictures come in: stored once, refused with a reason, one by one."""

import io

import pytest
from django.core.files.base import File
from django.core.files.storage import default_storage

from tests.factories import ImageFactory, ProjectFactory, UserFactory, encoded, jpeg, picture
from tests.webapp.test_api import Api
from webapp.models import AuditEntry, Image, Job, Label
from webapp.services import images
from webapp.services.images import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


def ingest(project, *files, concepts=()):
    uploads = [Upload(name, File(io.BytesIO(data))) for name, data in files]
    return images.ingest(project=project, user=UserFactory(), uploads=uploads, concepts=concepts)


class TestIngest:
    def test_a_picture_is_stored_and_waits_to_be_indexed(self, project):
        data = jpeg()
        outcome = ingest(project, ("rex.jpg", data))
        image = Image.objects.get()
        assert [ingested.image for ingested in outcome.images] == [image]
        assert (image.filename, image.status, image.width, image.height) == (
            "rex.jpg",
            "pending",
            320,
            240,
        )
        assert Job.objects.get().subject_id == image.pk
        with default_storage.open(image.original) as file:
            assert file.read() == data

    def test_the_same_bytes_are_kept_once(self, project):
        data = jpeg()
        outcome = ingest(project, ("rex.jpg", data), ("copy of rex.jpg", data))
        assert [ingested.is_duplicate for ingested in outcome.images] == [False, True]
        assert Image.objects.count() == Job.objects.count() == 1

    def test_a_failed_picture_that_comes_again_is_stored_and_tried_again(self, project):
        data = jpeg()
        ingest(project, ("rex.jpg", data))
        image = Image.objects.get()
        default_storage.delete(image.original)
        Image.objects.update(status="failed", error_code="index_failed")
        Job.objects.all().delete()
        assert ingest(project, ("rex.jpg", data)).images[0].is_duplicate
        assert default_storage.exists(image.original)
        assert Job.objects.get().subject_id == image.pk

    def test_another_project_keeps_its_own(self, project):
        data = jpeg()
        ingest(project, ("rex.jpg", data))
        outcome = ingest(ProjectFactory(), ("rex.jpg", data))
        assert not outcome.images[0].is_duplicate

    def test_a_bad_file_says_why_and_harms_no_other(self, project):
        outcome = ingest(
            project, ("notes.jpg", b"just words"), ("rex.jpg", jpeg()), ("nothing.png", b"")
        )
        assert [ingested.image.filename for ingested in outcome.images] == ["rex.jpg"]
        assert [(error.filename, error.code) for error in outcome.errors] == [
            ("notes.jpg", "not_an_image"),
            ("nothing.png", "empty_file"),
        ]

    def test_the_content_decides_what_it_is_not_the_name(self, project):
        ingest(project, ("rex.jpg", encoded(picture(), "PNG")))
        assert Image.objects.get().content_type == "image/png"

    def test_size_is_that_of_the_upright_picture(self, project):
        exif = picture().getexif()
        exif[0x0112] = 6
        ingest(project, ("phone.jpg", encoded(picture(), exif=exif)))
        assert (Image.objects.get().width, Image.objects.get().height) == (240, 320)

    def test_a_file_over_the_limit_is_refused(self, project, monkeypatch):
        from training.images import ImageLimits
        from webapp import learning

        monkeypatch.setattr(learning.pictures, "limits", lambda: ImageLimits(max_bytes=100))
        assert ingest(project, ("rex.jpg", jpeg())).errors[0].code == "file_too_large"

    def test_a_concept_given_along_labels_new_and_known_pictures(self, project):
        data = jpeg()
        ingest(project, ("rex.jpg", data))
        ingest(project, ("rex.jpg", data), ("rex2.jpg", jpeg()), concepts=["Rex", "dog"])
        assert Label.objects.filter(is_positive=True).count() == 4

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ('a "quoted" name.jpg', 'a "quoted" name.jpg'),
            ("two\nlines.jpg", "two lines.jpg"),
            ("holiday/beach/rex.jpg", "rex.jpg"),
            ("..\\..\\rex.jpg", "rex.jpg"),
            ("gpj.\u202egpj.exe", "gpj.gpj.exe"),
            ("nul\x00.jpg", "nul .jpg"),
            ("", "picture"),
            ("<script>.jpg", "<script>.jpg"),
            ("x" * 300 + ".jpg", "x" * 251 + ".jpg"),
        ],
    )
    def test_odd_names_are_kept_as_far_as_they_are_safe(self, project, given, kept):
        ingest(project, (given, jpeg()))
        assert Image.objects.get().filename == kept


class TestDelete:
    def test_row_and_files_go(self, user, project, django_capture_on_commit_callbacks):
        ingest(project, ("rex.jpg", jpeg()))
        image = Image.objects.get()
        with django_capture_on_commit_callbacks(execute=True):
            assert images.delete(project=project, user=user, image_ids=[image.pk]) == 1
        assert not Image.objects.exists()
        assert not default_storage.exists(image.original)

    def test_another_projects_picture_stays(self, user, project):
        ingest(project, ("rex.jpg", jpeg()))
        elsewhere, ids = ProjectFactory(), [Image.objects.get().pk]
        assert images.delete(project=elsewhere, user=user, image_ids=ids) == 0
        assert Image.objects.exists()
        assert not AuditEntry.objects.filter(action="images.deleted").exists()

    def test_it_is_kept_who_deleted_one(self, user):
        project = ProjectFactory(owner=user)
        image = ImageFactory(project=project)
        Api(user)("delete", f"/projects/{project.pk}/images/{image.pk}")
        deed = AuditEntry.objects.get(action="images.deleted")
        assert (deed.actor, deed.project, deed.details) == (user, project, {"count": 1})
