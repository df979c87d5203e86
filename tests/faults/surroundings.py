"""What Pupil stands on, so that it can be taken away: a disk, a clock, a queue, a bucket."""

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.real import free_ports, s3_server
from webapp.embedded.programs import wait_until

_DISK = "size=2g,mode=711"
_BLOCK = bytes(2**20)
_CLOCK = Path(__file__).with_name("clock.c")


class Unavailable(Exception):  # noqa: N818  what the machine can't do, told in the table
    """This machine can't do that."""


class Disk:
    """A small file system in memory, which can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Write until there is no room, and again where something made room."""
        with self._filler.open("ab") as file, contextlib.suppress(OSError):
            while True:
                file.write(_BLOCK)
                file.flush()

    def empty(self) -> None:
        self._filler.unlink()


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", _DISK, "pupil", str(folder)])
    if mounted.returncode:
        raise Unavailable("a file system can't be mounted here")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Clock:
    """The time of day as the programs see it; how long something takes they see as it is.

    A small library of ours, since Python's timed waits hang under Debian's libfaketime.
    """

    def __init__(self, folder: Path) -> None:
        compiler, library = shutil.which("cc"), folder / "clock.so"
        if compiler is None:
            raise Unavailable("apt-get install gcc")
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_CLOCK), "-ldl"]
        subprocess.run(command, check=True)
        self._file = folder / "clock"
        self.jump(0)
        self.environment = {"LD_PRELOAD": str(library), "PUPIL_CLOCK_FILE": str(self._file)}

    def jump(self, seconds: int) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.chmod(0o644)  # PostgreSQL may run as another user
        beside.replace(self._file)


class Redis:
    """Debian's redis-server, which forgets everything when it ends."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise Unavailable("apt-get install redis-server")
        [self._port] = free_ports(1)
        self._command = [program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        self._command += ["--dir", str(folder)]
        self.environment = {"REDIS_URL": f"redis://127.0.0.1:{self._port}/0"}
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Bucket(ThreadingHTTPServer):
    """Stands before an S3 server; answers 500, or nothing for a while, when told to."""

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.target = urlsplit(target).netloc
        self.mode = ""
        self.heals = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def fail(self, mode: str) -> None:
        self.heals.clear()
        self.mode = mode

    def heal(self) -> None:
        self.mode = ""
        self.heals.set()

    def handle_error(self, *_: object) -> None:
        """Say nothing: who waited too long has hung up."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.mode == "slow":
            self.server.heals.wait(60)
        if self.server.mode == "500":
            self._answer(500, [], b"")
            return
        onward = HTTPConnection(self.server.target, timeout=30)
        onward.request(self.command, self.path, body, dict(self.headers.items()))
        answer = onward.getresponse()
        self._answer(answer.status, answer.getheaders(), answer.read())
        onward.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "date"}:
                self.send_header(name, value)
        told = dict(headers).get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", told or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass  # noqa: N815  names of the library

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextlib.contextmanager
def bucket(folder: Path) -> Iterator[tuple[Bucket, dict[str, str]]]:
    """Run an S3 server behind one that can fail; yield that and the settings that say so."""
    folder.mkdir()
    with s3_server(folder) as settings:
        front = Bucket(settings["PUPIL_S3_ENDPOINT_URL"])
        address = f"http://127.0.0.1:{front.server_port}"
        yield front, {**settings, "PUPIL_S3_ENDPOINT_URL": address}
        front.shutdown()


def soon(condition: object, *, seconds: float, what: str) -> None:
    """Wait for something, or say what did not come."""
    if not wait_until(condition, timeout_seconds=seconds):  # type: ignore[arg-type]
        raise AssertionError(f"{what} within {seconds:.0f} s")


def load_of_machine() -> str:
    return f"{os.getloadavg()[0]:.2f}"


def now() -> float:
    return time.monotonic()
