"""Reads settings from the environment, and fails loudly where one makes no sense."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_WORD = re.compile(r"[a-z0-9-]{1,30}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; say yes or no.")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} is {value!r}; give a whole number from {minimum} up.")
    return int(value)


def choice(name: str, *values: str) -> str:
    """Return a setting that is one of a few words, of which the first is the default."""
    value = text(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name} is {value!r}; say one of {', '.join(values)}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated setting as a list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def routes(name: str) -> dict[int, str]:
    """Return a setting like `12=rex,15=rex,20=fruit` as the words by number."""
    found = {}
    for pair in words(name):
        number, _, word = pair.partition("=")
        if not (number.strip().isdecimal() and _WORD.fullmatch(word.strip())):
            raise ImproperlyConfigured(f"{name} has {pair!r}; say 12=word, in small letters.")
        found[int(number)] = word.strip()
    return found


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def database(url: str) -> dict[str, object]:
    """Turn `postgresql://user:password@host:port/name?option=value` into Django's form.

    A socket folder goes into the query, as libpq has it: `postgresql:///pupil?host=/run/postgres`.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL starts with {parts.scheme!r}, not 'postgresql'.")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or options.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or options.pop("host", ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
