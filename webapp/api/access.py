"""The one check of rights that every operation goes through."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest

from webapp.api.auth import token_of, user_of
from webapp.rights import Right, right_of
from webapp.selectors import members


def checked(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let an operation run only for those who may."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require(request, right_of(view, request.method), project_id=kwargs.get("project_id"))
        return view(request, *args, **kwargs)

    return wrapper


def require(request: HttpRequest, right: Right, *, project_id: int | None) -> None:
    """Refuse what neither the token nor the caller's part in the project allows.

    Raises:
        Forbidden: one of them does not.
    """
    token = token_of(request)
    if token is not None:
        members.check_token(token.scopes, right)
    if project_id is not None:
        members.check(user_of(request), project_id, right)
