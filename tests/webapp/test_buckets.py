"""An S3 server that fails: nothing is lost, everybody is told, and soon."""

import io
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.test import Client
from storages.utils import ReadBytesWrapper, is_seekable

from tests.factories import ImageFactory, JobFactory, jpeg
from tests.webapp.test_api import Api, error_of
from webapp import buckets
from webapp.errors import TooLarge
from webapp.models import Image, Job
from webapp.services import images, importing, indexing, jobs
from webapp.storage import StorageAwayError

pytestmark = pytest.mark.django_db
READ_SECONDS = 0.5


class _Failing(BaseHTTPRequestHandler):
    """Answers 500, or not in time; that there is no such file, or always the same one."""

    is_slow = False
    status = 500
    body = b""

    def _fail(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.is_slow:
            time.sleep(2 * READ_SECONDS)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _fail  # noqa: N815  names of the library

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(params=[{}, {"is_slow": True}], ids=["answers 500", "is slow"])
def failing_bucket(request, settings):
    with served(settings, **request.param):
        yield


@pytest.fixture
def empty_bucket(settings):
    with served(settings, status=404):
        yield


@contextmanager
def served(settings, **facts):
    """Have files kept in a bucket of this kind."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Failing,), facts))
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
                    read_timeout=READ_SECONDS if facts.get("is_slow") else 30,
                    retries={"total_max_attempts": 1},
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
    arriving = importing.arriving._Arriving(Request())
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
def test_deleting_a_picture_goes_through(failing_bucket, user, project):
    image = ImageFactory(project=project)
    images.delete(project=project, user=user, image_ids=[image.pk])
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


@pytest.mark.parametrize("asked", ["open", "size", "get_modified_time"])
def test_a_file_that_is_not_there_is_no_failure_of_the_bucket(empty_bucket, asked):
    from django.core.files.storage import default_storage

    with pytest.raises(FileNotFoundError):
        getattr(default_storage, asked)("x")


@pytest.mark.parametrize(("byte_size", "is_on_disk"), [(1000, False), (1001, True)])
def test_what_is_large_is_fetched_to_disk(settings, monkeypatch, byte_size, is_on_disk):
    from django.core.files.storage import default_storage

    monkeypatch.setattr(buckets, "IN_MEMORY_BYTES", 1000)
    with (
        served(settings, status=200, body=bytes(byte_size)),
        default_storage.open("imports/data-set.zip") as fetched,
    ):
        assert (fetched.file.name is not None) == is_on_disk  # nothing in memory has a descriptor
        assert len(fetched.read()) == byte_size
