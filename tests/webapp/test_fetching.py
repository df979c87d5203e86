"""Pictures by address: fetched from the web, never from inside our own network."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.factories import jpeg
from webapp.errors import Invalid
from webapp.services import fetching

PICTURE = jpeg()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/endless.jpg":
            self._answer(200, PICTURE + bytes(3 * 2**20))
        elif self.path == "/round":
            self._answer(302, b"", Location="/round")
        elif self.path == "/moved":
            self._answer(302, b"", Location="/photos/rex%20two.jpg")
        elif self.path.startswith("/photos/"):
            self._answer(200, PICTURE)
        elif self.path == "/packed":
            self._answer(200, gzip.compress(PICTURE), **{"Content-Encoding": "gzip"})
        elif self.path == "/packed-where-allowed":
            self.path = "/photos/" if self.headers["Accept-Encoding"] == "identity" else "/packed"
            self.do_GET()
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def may_fetch_here(settings):
    settings.FETCH_ALLOW_PRIVATE = True


def refusal(url: str) -> str:
    with fetching.fetched([url]) as (uploads, [refused]):
        assert uploads == []
    return refused.code


@pytest.mark.usefixtures("may_fetch_here")
class TestFetch:
    def test_a_picture_comes_with_its_name(self, elsewhere):
        with fetching.fetched([f"{elsewhere}/photos/rex.jpg"]) as ([upload], refused):
            assert (upload.filename, upload.file.read(), refused) == ("rex.jpg", PICTURE, [])

    def test_redirects_are_followed(self, elsewhere):
        with fetching.fetched([f"{elsewhere}/moved"]) as ([upload], _):
            assert upload.filename == "rex two.jpg"

    def test_but_not_for_ever(self, elsewhere):
        assert refusal(f"{elsewhere}/round") == "fetch_failed"

    def test_each_address_fails_for_itself(self, elsewhere):
        good, bad = f"{elsewhere}/photos/rex.jpg", f"{elsewhere}/nothing"
        with fetching.fetched([bad, good]) as (uploads, refused):
            assert (len(uploads), [error.code for error in refused]) == (1, ["fetch_failed"])

    def test_what_is_too_large_is_not_read_to_its_end(self, elsewhere, settings):
        settings.MAX_IMAGE_BYTES = 2**20
        assert refusal(f"{elsewhere}/endless.jpg") == "file_too_large"

    def test_all_of_a_request_take_no_more_than_those_that_are_sent(self, elsewhere, settings):
        settings.MAX_REQUEST_BYTES = 2 * len(PICTURE)
        urls = [f"{elsewhere}/photos/{name}.jpg" for name in range(3)]
        with fetching.fetched(urls) as (uploads, [refused]):
            assert (len(uploads), refused.code) == (2, "too_many_bytes")

    def test_nothing_is_unpacked(self, elsewhere):
        """A few kilobytes could become gigabytes before anyone looks at their size."""
        assert refusal(f"{elsewhere}/packed") == "fetch_failed"

    def test_pictures_are_asked_for_as_they_are(self, elsewhere):
        with fetching.fetched([f"{elsewhere}/packed-where-allowed"]) as ([upload], refused):
            assert (upload.file.read(), refused) == (PICTURE, [])

    def test_nobody_there(self):
        assert refusal("http://127.0.0.1:9/rex.jpg") == "fetch_failed"


class TestOwnNetwork:
    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://localhost:8000/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[fec0::1]/",
            "http://10.0.0.1/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://2130706433/",
            "http://0.0.0.0/",
        ],
    )
    def test_is_not_fetched_from(self, url):
        assert refusal(url) == "private_url"

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "rex.jpg", ""])
    def test_nor_is_anything_but_the_web(self, url):
        assert refusal(url) == "bad_url"

    def test_too_many_at_once(self):
        urls = ["http://example.org"] * (fetching.MAX_URLS + 1)
        with pytest.raises(Invalid) as caught, fetching.fetched(urls):
            pass
        assert caught.value.code == "too_many_urls"
