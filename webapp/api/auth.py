"""Who is calling: a program by its token, or a page by its session."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from webapp.api import limits
from webapp.errors import NotSignedIn
from webapp.models import ApiToken, User
from webapp.rights import Right
from webapp.selectors import members
from webapp.services import accounts

_BEARER = "bearer"
_CAME_BY = "came_by"


class TokenAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        return _counted(request, _user_of_token(request, token))


class SessionAuth(APIKeyCookie):
    """The pages' way in. Unlike a token, a cookie is sent unasked, so it needs the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        return _counted(request, request.user if request.user.is_authenticated else None)


def _counted(request: HttpRequest, user: User | None) -> User | None:
    if user is not None:
        limits.count(request, user)
    return user


def user_of(request: HttpRequest) -> User:
    """Return who was let in."""
    return cast("User", cast("Any", request).auth)


def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the token they came in by; pages come by a session instead."""
    return getattr(request, _CAME_BY, None)


def _user_of_token(request: HttpRequest, key: str) -> User | None:
    if not hasattr(request, _CAME_BY):
        setattr(request, _CAME_BY, accounts.token_of_key(key))
    token = token_of(request)
    return token.user if token else None


def known_user(request: HttpRequest) -> User | None:
    """Return whose token or session came along, if anybody's; what they may is not looked at."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == _BEARER:
        return _user_of_token(request, key)
    return request.user if request.user.is_authenticated else None


def user_of_plain_request_now(request: HttpRequest) -> User:
    """Look again who is calling, long after the request came: tokens and sessions end meanwhile.

    Raises:
        NotSignedIn: they are nobody we know any more.
        Forbidden: a token that may not read.
    """
    again = HttpRequest()
    again.META, again.COOKIES = request.META, request.COOKIES
    again.session = type(request.session)(request.session.session_key)
    again.user = get_user(again)
    return user_of_plain_request(again)


def user_of_plain_request(request: HttpRequest) -> User:
    """Return who calls a view outside the API's routers, where only reading is done.

    Such a view counts the request itself: a stream and a thumbnail weigh differently.

    Raises:
        NotSignedIn: nobody we know.
        Forbidden: a token that may not read.
    """
    user = known_user(request)
    if token := token_of(request):
        members.check_token(token.scopes, Right.READ)
    if user is None:
        raise NotSignedIn("Sign in, or send a token.")
    return user
