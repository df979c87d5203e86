"""`python -m tests.real [pytest's arguments]`: the tests on servers that are not ours.

Starts Debian's redis-server, and SeaweedFS as an S3 server, and has pytest use them by settings
alone, as an installation would. PostgreSQL is the embedded one, which is PostgreSQL.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from webapp.embedded.programs import wait_until

BUCKET = "pupil-test"
_BUCKETS = (BUCKET, *(f"{BUCKET}-gw{number}" for number in range(4)))  # up to `-n 4`
_S3_PARTS = ("s3", "master", "volume", "filer")
KEY, SECRET = "pupil", "only-for-tests"
_START_SECONDS = 60.0


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens at, no two of them the same."""
    with ExitStack() as stack:
        listeners = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [int(listener.getsockname()[1]) for listener in listeners]


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            yield
        finally:
            process.kill()  # nothing of theirs is kept, and SeaweedFS is slow to say goodbye
            process.wait()


@contextmanager
def redis_server(folder: Path) -> Iterator[dict[str, str]]:
    """Run Debian's redis-server; yield the settings that say so."""
    program = shutil.which("redis-server")
    assert program, "apt-get install redis-server"
    [port] = free_ports(1)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with _running([program, *options], folder / "redis.log"):
        assert wait_until(lambda: _answers(port), timeout_seconds=_START_SECONDS)
        yield {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


@contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """Run SeaweedFS with an empty bucket; yield the settings that say so."""
    names = [f"{name}.{port}" for name in _S3_PARTS for port in ("port", "port.grpc")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    options = [f"-{name}={port}" for name, port in ports.items()]
    options += [
        "-s3",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
    ]
    options += ["-volume.max=40", "-master.volumeSizeLimitMB=64"]
    with _running(
        [str(Path(sys.executable).with_name("weed")), "server", *options], folder / "weed.log"
    ):
        settings = {
            "PUPIL_S3_BUCKET": BUCKET,
            "PUPIL_S3_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3.port']}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        made = wait_until(lambda: _makes_bucket(settings), timeout_seconds=_START_SECONDS)
        assert made, (folder / "weed.log").read_text()[-2000:]
        yield settings


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _client(settings: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=settings["PUPIL_S3_ENDPOINT_URL"],
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 0}),
    )


def _makes_bucket(settings: dict[str, str]) -> bool:
    try:
        there = {bucket["Name"] for bucket in _client(settings).list_buckets()["Buckets"]}
        for bucket in _BUCKETS:
            if bucket not in there:  # a time before, one may be made and not be told
                _client(settings).create_bucket(Bucket=bucket)
    except (BotoCoreError, ClientError):
        return False
    return True


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pupil-real-")))
        settings: dict[str, str] = {}
        for server in (redis_server, s3_server):
            home = folder / server.__name__
            home.mkdir()
            settings |= stack.enter_context(server(home))
        command = [sys.executable, "-m", "pytest", *arguments]
        code = subprocess.run(command, env={**os.environ, **settings}, check=False).returncode
        listed = [_client(settings).list_objects_v2(Bucket=bucket) for bucket in _BUCKETS]
        kept = sum(one.get("KeyCount", 0) for one in listed)
        print(f"{kept} objects were left in the buckets.")
        return code or int(kept == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
