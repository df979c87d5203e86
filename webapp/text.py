"""Names as people and file systems give them, and other texts, made fit to store and show."""

import re
import unicodedata
from pathlib import PurePosixPath

from webapp.errors import Invalid

# Cc: control characters, NUL and newlines among them. Cs: half surrogates, which no database takes.
# Bidirectional overrides are format characters (Cf) that make "gpj.exe" read as "exe.jpg".
_DROPPED_CATEGORIES = {"Cc", "Cs"}
_DROPPED_CHARACTERS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def clean(text: str) -> str:
    """Return a text on one line, without characters that hide or reorder others."""
    visible = (
        " " if unicodedata.category(character) in _DROPPED_CATEGORIES else character
        for character in unicodedata.normalize("NFC", text)
        if character not in _DROPPED_CHARACTERS
    )
    return " ".join("".join(visible).split())


def clean_name(name: str, *, max_characters: int) -> str:
    """Return a name that a person gave.

    Raises:
        Invalid: it is too long.
    """
    cleaned = clean(name)
    if len(cleaned) > max_characters:
        raise Invalid(
            f"This name is longer than {max_characters} characters.", code="name_too_long"
        )
    return cleaned


def name_key(name: str) -> str:
    """Return what two names share that people take for the same."""
    return clean(name).casefold()


def clean_filename(name: str, *, max_characters: int = 255) -> str:
    """Return a file's own name: no folders, cut in the middle rather than losing its ending."""
    base = clean(name.replace("\\", "/").rsplit("/", 1)[-1]) or "picture"
    if len(base) <= max_characters:
        return base
    ending = PurePosixPath(base).suffix[:16]
    return base[: max_characters - len(ending)] + ending


_RUNS = re.compile(r"[^\W\d_]+|\d+|[^\W_]+")
_LONGEST_WORD = 60
_MOST_WORDS = 500


def words(text: str) -> list[str]:
    """Return what a text can be found by: its words without case and accents.

    Letters and digits that stand together count as one word and each by itself.
    """
    plain = unicodedata.normalize("NFKD", clean(text)).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    found: dict[str, None] = {}
    for whole in re.findall(r"[^\W_]+", plain):
        for word in (whole, *_RUNS.findall(whole)):
            found[word[:_LONGEST_WORD]] = None
    return list(found)[:_MOST_WORDS]


def as_bytes(count: int) -> str:
    """Say how much something takes, as people do."""
    if count < 2**30:
        return f"{count / 2**20:,.0f} MB"
    return f"{count / 2**30:,.1f}".removesuffix(".0") + " GB"


# What opens something to whoever knows it: tokens, and the ends of links in mails and invitations.
# Inside another address, as where to go next, a slash is written %2F.
_KEYS = re.compile(
    r"(pupil_[\w-]{8})[\w-]+"
    r"|((?:join|welcome(?:/|%2F)\d+|reset(?:/|%2F)key|confirm-email)(?:/|%2F))[\w:%-]{16,}"
)


def without_keys(text: str) -> str:
    """Return a text, as a log line or an address, without the keys in it."""
    return _KEYS.sub(lambda found: f"{found[1] or found[2]}…", text)
