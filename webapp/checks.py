"""What `manage.py check --deploy` says of an installation that serves others."""

from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

_UNSAFE_HOST = "*"
_VALKEY_PORT = 6379


@register(Tags.security, deploy=True)
def check_installation(**_: Any) -> list[CheckMessage]:
    """Return everything about this installation that is unsafe or missing."""
    return [message for look in _LOOKS for message in look()]


def _address() -> Iterator[CheckMessage]:
    if not settings.PUBLIC_URL:
        yield Error("PUPIL_PUBLIC_URL is not set.", hint="Set it to https://…", id="pupil.E001")
    elif not settings.PUBLIC_URL.startswith("https://"):
        yield Error(
            "PUPIL_PUBLIC_URL is not https: passwords and tokens can be read on their way.",
            id="pupil.E002",
        )
    if _UNSAFE_HOST in settings.ALLOWED_HOSTS:
        yield Error(
            "Any Host header is believed: links in mails can be forged.",
            hint="Set PUPIL_PUBLIC_URL or PUPIL_ALLOWED_HOSTS.",
            id="pupil.E003",
        )


def _proxies() -> Iterator[CheckMessage]:
    """Yield what is told of a site whose TLS must end before us, since it never ends in Pupil."""
    if settings.PUBLIC_URL.startswith("https://") and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield checks.Warning(
            "PUPIL_TRUSTED_PROXIES is 0 behind a proxy: all visitors have its address, and one who"
            " guesses passwords locks everybody out.",
            hint="Set it to how many proxies stand before Pupil, mostly 1.",
            id="pupil.W009",
        )


def _many_machines() -> Iterator[CheckMessage]:
    """Yield what several machines would not share."""
    if not settings.DATABASE_URL:
        return
    if not settings.SECRET_KEY_IS_GIVEN:
        yield Error(
            "PUPIL_SECRET_KEY is not set: each machine makes its own and signs the others' out.",
            id="pupil.E004",
        )
    if not settings.REDIS_URL:
        yield Error(
            "DATABASE_URL is set but REDIS_URL is not: machines would not wake each other.",
            id="pupil.E005",
        )
    if not settings.S3_BUCKET:
        yield checks.Warning(
            "Pictures lie in a folder of this machine.",
            hint="Set PUPIL_S3_BUCKET, or have all machines share PUPIL_HOME/storage.",
            id="pupil.W001",
        )


def _servers() -> Iterator[CheckMessage]:
    if settings.REDIS_URL and not urlsplit(settings.REDIS_URL).password:
        yield checks.Warning(
            "REDIS_URL has no password: whoever reaches the queue can read and forge work.",
            id="pupil.W002",
        )
    if settings.REDIS_URL and _server(settings.SCRATCH_URL) == _server(settings.REDIS_URL):
        yield checks.Warning(
            "Pictures that are only tried pass through the queue's server, which writes them down.",
            hint="Set PUPIL_SCRATCH_URL to a Valkey that keeps nothing on disk.",
            id="pupil.W007",
        )


def _server(url: str) -> tuple[str, int]:
    """Return where a Valkey is: another database of it is still the same server."""
    parts = urlsplit(url)
    return parts.hostname or parts.path, parts.port or _VALKEY_PORT


def _people() -> Iterator[CheckMessage]:
    if not settings.EMAIL_HOST:
        yield checks.Warning("EMAIL_HOST is not set: nobody can reset a password.", id="pupil.W003")
        return
    if parseaddr(settings.DEFAULT_FROM_EMAIL)[1].endswith("@localhost"):
        yield checks.Warning(
            f"Mails come from {settings.DEFAULT_FROM_EMAIL}, which most servers turn away.",
            hint='Set PUPIL_EMAIL_FROM="Pupil <pupil@your.domain>".',
            id="pupil.W010",
        )
    if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory":
        yield checks.Warning(
            "Anybody can make an account with an address that is not theirs.",
            hint="Set PUPIL_EMAIL_VERIFICATION=mandatory.",
            id="pupil.W004",
        )


def _limits() -> Iterator[CheckMessage]:
    limits = (*settings.MAX_PICTURES.values(), *settings.MAX_BYTES.values())
    if settings.SIGNUP == "open" and not any(limits):
        yield checks.Warning(
            "Anybody can make an account and fill the disk.",
            hint="Set PUPIL_SIGNUP=invited, or one of PUPIL_MAX_PICTURES and PUPIL_MAX_GIGABYTES.",
            id="pupil.W008",
        )
    if not settings.REQUESTS_PER_MINUTE:
        yield checks.Warning(
            "PUPIL_REQUESTS_PER_MINUTE is 0: one program can take all there is.", id="pupil.W005"
        )
    if settings.FETCH_ALLOW_PRIVATE:
        yield checks.Warning(
            "PUPIL_FETCH_ALLOW_PRIVATE lets every user reach into your network.", id="pupil.W006"
        )


_LOOKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    _address,
    _proxies,
    _many_machines,
    _servers,
    _people,
    _limits,
)
