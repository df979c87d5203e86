"""What may be done in a project: by the part a person has in it, less what a token leaves out."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from webapp.models import Membership

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "needed_right"


class Right(StrEnum):
    READ = "read"
    PREDICT = "predict"
    LABEL = "label"
    EDIT = "edit"
    TRAIN = "train"
    MANAGE = "manage"

    @property
    def words(self) -> str:
        """Return what it allows, in the user's words."""
        return _WORDS[self]


_WORDS = {
    Right.READ: "see projects and photos",
    Right.PREDICT: "ask about new photos",
    Right.LABEL: "mark photos",
    Right.EDIT: "add and remove photos and concepts",
    Right.TRAIN: "train and publish",
    Right.MANAGE: "make, rename and delete projects",
}

_Role = Membership.Role
_VIEWER = {Right.READ, Right.PREDICT}
_LABELLER = _VIEWER | {Right.LABEL}
_EDITOR = _LABELLER | {Right.EDIT, Right.TRAIN}
BY_ROLE: dict[str, set[Right]] = {
    _Role.VIEWER: _VIEWER,
    _Role.LABELLER: _LABELLER,
    _Role.EDITOR: _EDITOR,
    _Role.OWNER: set(Right),
}


def needs(right: Right) -> Callable[[View], View]:
    """Say what right a view needs, where its method alone would suggest another."""

    def mark(view: View) -> View:
        setattr(view, _MARK, right)
        return view

    return mark


def right_of(view: Callable[..., Any], method: str | None) -> Right:
    """Return what a view needs: what it was marked with, else to look or to change."""
    by_method = Right.READ if method in {"GET", "HEAD", "OPTIONS"} else Right.EDIT
    marked: Right = getattr(view, _MARK, by_method)
    return marked
