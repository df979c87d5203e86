"""Pictures from addresses on the web, without letting anyone look into our own network.

The name is resolved once, every address it has must be public, and the connection goes to the
address that was checked: a name that changes its mind in between (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote

import httpx
from django.conf import settings
from django.core.files.base import File

from webapp.errors import Invalid, PupilError, TooLarge
from webapp.services.images import Refused, Upload
from webapp.text import clean_filename

MAX_URLS = 50
MAX_REDIRECTS = 3
AT_ONCE = 4
TIMEOUT = httpx.Timeout(5.0)
ADDRESS_SECONDS = 20.0
REQUEST_SECONDS = 40.0
_IN_MEMORY_BYTES = 2 * 2**20
# Nothing is unpacked: a few packed kilobytes can be gigabytes before their size can be looked at.
_AS_IT_IS = "identity"
# All else in IPv6 is private or stands for an IPv4 address (mapped, NAT64), which may be.
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


@contextmanager
def fetched(urls: Sequence[str]) -> Iterator[tuple[list[Upload], list[Refused]]]:
    """Fetch pictures side by side, each failing for itself, and drop them at the end.

    Raises:
        Invalid: there are too many.
    """
    if len(urls) > MAX_URLS:
        raise Invalid(f"At most {MAX_URLS} addresses at once.", code="too_many_urls")
    deadline, room = time.monotonic() + REQUEST_SECONDS, _Room()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda url: _fetch_or_refuse(url, deadline, room), urls))
    uploads = [result for result in results if isinstance(result, Upload)]
    try:
        yield uploads, [result for result in results if isinstance(result, Refused)]
    finally:
        for upload in uploads:
            upload.file.close()


class _Room:
    """What all pictures of a request may take together: no more than those that are sent in one."""

    def __init__(self) -> None:
        self._left = settings.MAX_REQUEST_BYTES
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        with self._lock:
            self._left -= size
            if self._left < 0:
                limit = settings.MAX_REQUEST_BYTES // 2**20
                raise TooLarge(f"At most {limit} MB in one request.", code="too_many_bytes")


def _fetch_or_refuse(url: str, deadline: float, room: _Room) -> Upload | Refused:
    try:
        return _fetch(url, min(deadline, time.monotonic() + ADDRESS_SECONDS), room)
    except PupilError as error:
        return Refused(url[:500], error.code, error.message)


def _fetch(url: str, deadline: float, room: _Room) -> Upload:
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
        for _ in range(MAX_REDIRECTS + 1):
            _check_time(deadline)
            try:
                target = httpx.URL(url)
                with client.stream(**_pinned(target)) as response:
                    if response.is_redirect:
                        url = str(target.join(response.headers["location"]))
                        continue
                    if response.status_code != httpx.codes.OK:
                        raise _failed(f"The address answered with {response.status_code}.")
                    if response.headers.get("Content-Encoding", _AS_IT_IS).lower() != _AS_IT_IS:
                        raise _failed("The address sends the picture packed.")
                    return Upload(_filename(target), File(_body(response, deadline, room)))
            except (httpx.HTTPError, httpx.InvalidURL, KeyError, UnicodeError) as error:
                raise _failed("The address could not be reached.") from error
    raise _failed("The address redirects too often.")


def _pinned(url: httpx.URL) -> dict[str, Any]:
    """Return a request that goes to the checked address of the URL's host."""
    if url.scheme not in {"http", "https"} or not url.host:
        raise Invalid("Give an address that starts with http:// or https://.", code="bad_url")
    port = url.port or (443 if url.scheme == "https" else 80)
    return {
        "method": "GET",
        "url": url.copy_with(host=_public_address(url.host, port)),
        "headers": {
            "Host": url.netloc.decode("ascii"),
            "Accept": "image/*",
            "Accept-Encoding": _AS_IT_IS,
        },
        "extensions": {"sni_hostname": url.raw_host.decode("ascii")},
    }


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _failed("There is no such address.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.FETCH_ALLOW_PRIVATE:
        for address in addresses:
            _check_public(address)
    return addresses[0]


def _check_public(address: str) -> None:
    ip = ipaddress.ip_address(address.split("%")[0])
    is_plain = isinstance(ip, ipaddress.IPv4Address) or (
        ip in _PUBLIC_IPV6 and not (ip.sixtofour or ip.teredo)
    )
    if not is_plain or not ip.is_global or ip.is_multicast:
        raise Invalid("Addresses inside a private network are not fetched.", code="private_url")


def _body(response: httpx.Response, deadline: float, room: _Room) -> IO[bytes]:
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))
        for chunk in response.iter_raw():
            _check_time(deadline)
            room.take(len(chunk))
            file.write(chunk)
            if file.tell() > settings.MAX_IMAGE_BYTES:
                limit = settings.MAX_IMAGE_BYTES // 2**20
                raise TooLarge(f"The picture is larger than {limit} MB.")
        file.seek(0)
        stack.pop_all()  # it is whole: from here on the upload owns it
    return file


def _check_time(deadline: float) -> None:
    """A server that answers byte by byte must not hold one of our threads for long."""
    if time.monotonic() > deadline:
        raise _failed("The address took too long to answer.")


def _filename(url: httpx.URL) -> str:
    return clean_filename(PurePosixPath(unquote(url.path)).name or url.host)


def _failed(message: str) -> Invalid:
    return Invalid(message, code="fetch_failed")
