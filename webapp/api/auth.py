"""Who is calling: a program by its token, or a page by its session."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from webapp.errors import NotSignedIn
from webapp.models import User
from webapp.services import accounts

_BEARER = "Bearer "


class TokenAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        return accounts.user_of_key(token)


class SessionAuth(APIKeyCookie):
    """The pages' way in. Unlike a token, a cookie is sent unasked, so it needs the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        return request.user if request.user.is_authenticated else None


def user_of(request: HttpRequest) -> User:
    """Return who was let in."""
    return cast("User", cast("Any", request).auth)


def user_of_plain_request(request: HttpRequest) -> User:
    """Return who calls a view outside the API's routers, where only reading is done.

    Raises:
        NotSignedIn: nobody we know.
    """
    header = request.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        user = accounts.user_of_key(header.removeprefix(_BEARER))
    else:
        user = request.user if request.user.is_authenticated else None
    if user is None:
        raise NotSignedIn("Sign in, or send a token.")
    return user
