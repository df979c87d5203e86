"""Data sets that were sent: kept until they are taken in, or for a day.

The file lies in the storage under `imports/`. It is written while it arrives, and goes once it is
taken in, turned away, or nobody said what to do with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from webapp.errors import Conflict, Invalid, NotFound, TooLarge
from webapp.formats import FormatError, Source
from webapp.models import Import, Job, Project, User
from webapp.services import jobs, locks, quotas
from webapp.text import clean_filename

KEEP_UNUSED = timedelta(days=1)
MAX_WAITING = 20  # of a person
_CHUNK_BYTES = 2**20


def receive(
    *,
    user: User,
    filename: str,
    stream: IO[bytes],
    project: Project | None,
    byte_size: int | None = None,
) -> Import:
    """Keep a data set that arrives and have it looked through; nothing is taken in yet.

    Args:
        user: who sends it.
        filename: what they call it.
        stream: what arrives.
        project: with which it is compared, if any.
        byte_size: how much there should be, where that was said.

    Raises:
        Conflict: too many of theirs wait already.
        QuotaExceeded: there is no room for it.
        Invalid: there was less.
        TooLarge: it is too large.
    """
    _check_few(user)
    quotas.check(user=user, project=None, size=byte_size or 0, pictures=0)
    name = f"imports/{uuid.uuid4().hex}.zip"
    arriving = _Arriving(stream)
    default_storage.save(name, arriving)
    try:
        if byte_size is not None and arriving.byte_count != byte_size:
            raise Invalid("The file was cut off on its way. Send it again.", code="cut_off")
        size = arriving.byte_count
        received = Import(user=user, filename=clean_filename(filename), file=name, byte_size=size)
        return _noted(received, project)
    except BaseException:
        default_storage.delete(name)
        raise


@transaction.atomic
def _noted(received: Import, project: Project | None) -> Import:
    """Make the row of one that has arrived; others may have filled the room meanwhile."""
    quotas.take(user=received.user, project=None, size=received.byte_size, pictures=0)
    locks.hold_quota("person", received.user_id)  # after the wider ones, as everybody
    _check_few(received.user)
    received.save()
    received.job = jobs.want(
        kind=Job.Kind.INSPECT,
        project_id=project.pk if project else None,
        subject_id=received.pk,
        user=received.user,
    )
    received.save(update_fields=["job"])
    return received


def _check_few(user: User) -> None:
    """See that few of somebody's wait; those that were refused, whose reason was told, go first.

    Raises:
        Conflict: there are too many.
    """
    theirs = Import.objects.filter(user=user)
    if theirs.filter(project=None).count() >= MAX_WAITING:
        theirs.filter(project=None, job__state=Job.State.FAILED).delete()
    if theirs.waiting().count() >= MAX_WAITING:
        message = f"{MAX_WAITING} data sets of yours wait already. Take them in, or drop some."
        raise Conflict(message, code="imports_waiting")


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """Open a data set in the storage.

    Raises:
        Invalid: it can't be used.
    """
    try:
        file = default_storage.open(name)
    except FileNotFoundError as error:
        raise Invalid("The file is no longer there. Send it again.", code="file_gone") from error
    with file:
        try:
            yield Source(file)
        except FormatError as error:
            raise Invalid(error.message, code=error.code) from error


def find(*, user: User, import_id: int) -> Import:
    """Return a person's import, with the work on it.

    Raises:
        NotFound: there is none of this id.
    """
    found = Import.objects.filter(user=user, pk=import_id).select_related("job").first()
    if found is None:
        raise NotFound("There is no such import.", code="import_not_found")
    return found


def unstarted(*, user: User) -> QuerySet[Import]:
    """Return what somebody sent and has not decided about, newest first."""
    waiting = Import.objects.filter(user=user, project=None)
    return waiting.select_related("job").order_by("-pk")


def forget(received: Import) -> None:
    """Drop a data set that was not taken in, and end the look through it.

    Raises:
        Conflict: it was started.
    """
    deleted, _ = Import.objects.filter(pk=received.pk, project=None).delete()
    if not deleted:
        raise Conflict("This import was started already.", code="import_started")
    if received.job is not None:
        jobs.cancel(received.job)
    default_storage.delete(received.file)


def forget_unused() -> None:
    """Drop what was sent a day ago and never taken in."""
    old = Import.objects.filter(project=None, created_at__lt=Now() - KEEP_UNUSED)
    for unused in old.select_related("job"):
        with suppress(Conflict):  # somebody started it at this moment
            forget(unused)


class _Arriving(File):  # type: ignore[type-arg]  # generic for the type checker alone
    """A file that is still being sent, of no more than the limit.

    Attributes:
        byte_count: how much of it came.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)
        self.byte_count = 0

    @property
    def closed(self) -> bool:
        return False  # a request can't tell

    def seekable(self) -> bool:
        return False

    def read(self, size: int = _CHUNK_BYTES) -> bytes:
        """Return the next bytes: buckets read, folders ask for chunks."""
        chunk: bytes = self.file.read(size if size >= 0 else _CHUNK_BYTES)  # type: ignore[union-attr]
        self.byte_count += len(chunk)
        if self.byte_count > settings.MAX_IMPORT_BYTES:
            limit = settings.MAX_IMPORT_BYTES / 2**30
            raise TooLarge(f"The file is larger than {limit:g} GB.", code="import_too_large")
        return chunk

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk
