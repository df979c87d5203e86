"""Which backbones there are, which one reads pictures, and what it knows of them in general."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from webapp.errors import Conflict, Invalid, PupilError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from training.backbones import BackboneSpec
    from training.background import Background


OTHER_BACKBONE = Conflict(
    "This was learned with a network that is no longer here. Train again.", code="other_backbone"
)
_STORED = "backgrounds/"
_SUFFIX = ".safetensors"
_READABLE = 0o644


def backbone() -> str:
    """Return the name of the backbone that pictures are read with."""
    from training.backbones import DEFAULT_BACKBONE

    return settings.BACKBONE or DEFAULT_BACKBONE


def spec(name: str = "") -> BackboneSpec:
    """Return the backbone of a name, or the one that pictures are read with."""
    from training.backbones import get_spec

    return get_spec(name or backbone(), background_dir(name))


def background_dir(name: str = "") -> Path:
    """Return where backgrounds lie that were built here, with that of a backbone."""
    from training.backbones import get_spec

    folder: Path = settings.LEARNING_BACKGROUNDS
    _fetch(get_spec(name or backbone(), folder).background_path)
    return folder


@cache
def names() -> dict[str, str]:
    """Return the name of each backbone that is here, by what its vectors are known by.

    They are the one in use and those that come along: what was learned with them before another
    was chosen can still be asked. Where the one in use is of one's own choice, so are others that
    a background was built for; else the web process would have to load torch to know them.
    """
    from training.backbones import BUNDLED
    from training.errors import BackboneError

    found = {}
    own = [] if backbone() in BUNDLED else _built_for()
    for name in [*BUNDLED, *own, backbone()]:
        with suppress(BackboneError):  # a library that was updated may know it no more
            found[spec(name).fingerprint] = name
    return found


def name_of(known_by: str) -> str:
    """Return the name of the backbone whose vectors are known by a fingerprint.

    Raises:
        Conflict: it is not here.
    """
    try:
        return names()[known_by]
    except KeyError:
        raise OTHER_BACKBONE from None


def _built_for() -> list[str]:
    """Return the names of the backbones that a background was built for, here or elsewhere."""
    folder: Path = settings.LEARNING_BACKGROUNDS
    here = {str(path.relative_to(folder)) for path in folder.rglob(f"*{_SUFFIX}")}
    with suppress(FileNotFoundError):
        here.update(default_storage.listdir(_STORED)[1])
    return sorted(name.removesuffix(_SUFFIX) for name in here if name.endswith(_SUFFIX))


@cache
def _fetch(path: Path) -> None:
    """Take over, once, what another machine built: all must know vectors by one fingerprint."""
    if path.exists():
        return
    with suppress(FileNotFoundError), default_storage.open(_STORED + path.name) as stored:
        data = stored.read()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        fetched = Path(file.name)
        fetched.chmod(_READABLE)
        fetched.replace(path)


def keep_background(path: Path) -> None:
    """Store a background for machines that don't share this one's folder."""
    with path.open("rb") as file:
        default_storage.save(_STORED + path.name, File(file))


def share_background() -> None:
    """Store the background in use where that was not done yet: an earlier version built it."""
    path = spec().background_path
    if not default_storage.exists(_STORED + path.name):
        keep_background(path)


def background(name: str = "") -> Background:
    """Return what a backbone, or the one that pictures are read with, knows of them."""
    from training.background import load_background

    return load_background(name or backbone(), background_dir(name))


def has_background() -> bool:
    """Say whether the backbone in use knows what pictures in general are like."""
    return spec().background_path.exists()


def build_background(files: Iterable[IO[bytes]]) -> None:
    """Learn from pictures what pictures in general are like. Processes know it once restarted.

    Raises:
        Invalid: there are too few that can be read.
    """
    from training.background import save_background
    from training.background_building import background_from, pictures_min_side
    from training.errors import LearningError
    from webapp.learning import decode_apart

    def decoded() -> Iterator[Picture]:
        for file in files:
            with suppress(PupilError):
                yield decode_apart(file, min_side=pictures_min_side(spec()))

    try:
        built = background_from(spec(), decoded())
    except LearningError as error:
        raise Invalid(error.message, code=error.code) from error
    save_background(built, spec().background_path)
    keep_background(spec().background_path)
