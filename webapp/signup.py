"""Who may make an account: anybody, those who hold an invitation to a project, or nobody."""

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from webapp.errors import NotFound
from webapp.services import members


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Has `PUPIL_SIGNUP` say whom allauth's form is for."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGNUP == "invited":
            return _is_invited(request)
        return bool(settings.SIGNUP == "open")

    def is_safe_url(self, url: str) -> bool:
        """Whether to go on to an address that came with a form; one that can't be read is not."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False


def signup(request: HttpRequest) -> dict[str, Callable[[], bool] | bool]:
    """Tell templates whether who asks may make an account, and whether an invitation would do."""
    return {
        "may_sign_up": lambda: get_adapter().is_open_for_signup(request),
        "invitations_only": settings.SIGNUP == "invited",
    }


def _is_invited(request: HttpRequest) -> bool:
    """Whether they are on their way to an invitation that is still good."""
    try:
        goal = resolve(urlsplit(get_next_redirect_url(request) or "").path)
        if goal.url_name != "join":
            return False
        members.invitation_of_key(goal.kwargs["key"])
    except (Resolver404, NotFound):
        return False
    return True
