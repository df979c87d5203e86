"""An S3 server that fails: nothing is lost, everybody is told, and soon."""

import io
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.test import Client
from storages.utils import ReadBytesWrapper, is_seekable

from tests.factories import ImageFactory, JobFactory, jpeg
from tests.webapp.test_api import Api, error_of
from webapp.errors import TooLarge
from webapp.models import Image, Job
from webapp.services import images, importing, indexing, jobs
from webapp.storage import StorageAwayError

pytestmark = pytest.mark.django_db
READ_SECONDS = 0.5


class _Failing(BaseHTTPRequestHandler):
    """Answers 500, or not in time."""

    is_slow = False

    def _fail(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.is_slow:
            time.sleep(2 * READ_SECONDS)
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _fail  # noqa: N815  names of the library

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(params=["answers 500", "is slow"])
def failing_bucket(request, settings):
    handler = type("Handler", (_Failing,), {"is_slow": request.param == "is slow"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "webapp.buckets.BucketStorage",
            "OPTIONS": {
                "bucket_name": "pupil",
                "endpoint_url": f"http://127.0.0.1:{server.server_port}",
                "access_key": "test",
                "secret_key": "test",
                "region_name": "us-east-1",
                "client_config": Config(
                    read_timeout=READ_SECONDS, retries={"total_max_attempts": 1}
                ),
            },
        },
    }
    yield
    server.shutdown()
    server.server_close()


def test_an_upload_says_so_of_each_picture(failing_bucket, user, project):
    answer = Api(user).upload(f"/projects/{project.pk}/images", ("a.jpg", jpeg()), ("b", b"no"))
    assert answer.status_code == 201
    codes = [error["code"] for error in answer.json()["errors"]]
    assert codes == ["not_stored", "not_an_image"]
    assert not Image.objects.exists()  # and none is half there


def test_a_data_set_that_arrives_is_read_to_a_limit_and_never_again(settings):
    """As an upload to a bucket reads it: piece by piece, with no way back."""

    class Request:
        """A web server's: it reads, and does nothing else of a file."""

        def __init__(self):
            self.read = io.BytesIO(bytes(3000)).read

    settings.MAX_IMPORT_BYTES = 2000
    arriving = importing._Arriving(Request())
    wrapped = ReadBytesWrapper(arriving)
    assert not is_seekable(arriving)
    assert not is_seekable(wrapped)
    assert len(wrapped.read(1500)) == 1500
    with pytest.raises(TooLarge):
        wrapped.read(1500)


def test_a_picture_that_waits_is_not_given_up(failing_bucket, project):
    """However long the storage is away: such an attempt does not count."""
    image = ImageFactory(project=project, status="pending")
    JobFactory(project=project, subject_id=image.pk)
    for _ in range(jobs.MAX_ATTEMPTS + 1):
        Job.objects.update(available_at=image.created_at)
        indexing.index(jobs.claim(kind=Job.Kind.INDEX))
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("queued", 0)
    image.refresh_from_db()
    assert image.status == "pending"


def test_media_say_to_come_back(failing_bucket, user, project):
    client = Client()
    client.force_login(user)
    image = ImageFactory(project=project)
    answer = client.get(f"/media/{project.pk}/{image.sha256}/original")
    assert error_of(answer) == (503, "busy")


@pytest.mark.django_db(transaction=True)
def test_deleting_a_picture_goes_through(failing_bucket, project):
    image = ImageFactory(project=project)
    images.delete(project=project, image_ids=[image.pk])
    assert not Image.objects.exists()


def test_each_way_to_use_it_fails_alike(failing_bucket):
    from django.core.files.storage import default_storage

    for use in (
        lambda: default_storage.save("x", ContentFile(b"x")),
        lambda: default_storage.open("x"),
        lambda: default_storage.exists("x"),
        lambda: default_storage.delete("x"),
        lambda: default_storage.listdir("x"),
    ):
        with pytest.raises(StorageAwayError):
            use()
