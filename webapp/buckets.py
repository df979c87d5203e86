"""Files in an S3 bucket, whose failures are those of any storage: an `OSError`, and soon."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from webapp.storage import StorageAwayError

_NO_SUCH_FILE = {"404", "NoSuchKey"}  # asked about, fetched
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 10, 3
# What is read is fetched whole: beyond this to disk, for a data set may be of 20 GB.
IN_MEMORY_BYTES = 16 * 2**20


class BucketStorage(S3Storage):  # type: ignore[misc]
    """Gives up in half a minute: people wait, and threads and jobs are held meanwhile."""

    def __init__(self, **options: Any) -> None:
        patience = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        ours = {
            "client_config": patience,
            "file_overwrite": True,
            "max_memory_size": IN_MEMORY_BYTES,
        }
        super().__init__(**{**ours, **options})

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with _as_os_error():
            file: File[Any] = super()._open(name, mode)
            if "r" in mode:
                file.file  # noqa: B018  fetched here, not somewhere in the middle of reading
            return file

    def _save(self, name: str, content: "File[Any]") -> str:
        with _as_os_error():
            saved: str = super()._save(name, content)
            return saved

    def delete(self, name: str) -> None:
        with _as_os_error():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _as_os_error():
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _as_os_error():
            folders, files = super().listdir(path)
            return folders, files

    def size(self, name: str) -> int:
        with _as_os_error():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with _as_os_error():
            changed: datetime = super().get_modified_time(name)
            return changed


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _NO_SUCH_FILE:
            raise FileNotFoundError(str(error)) from error
        raise StorageAwayError(str(error)) from error
    except (Boto3Error, BotoCoreError) as error:
        raise StorageAwayError(str(error)) from error
