"""What `training` says is wrong, in our own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from webapp.errors import Invalid, TooLarge


@contextmanager
def in_our_errors() -> Iterator[None]:
    from training.errors import TrainingError

    try:
        yield
    except TrainingError as error:
        kind = TooLarge if error.code in {"file_too_large", "too_many_pixels"} else Invalid
        raise kind(error.message, code=error.code) from error
