"""The one-time link that `manage.py up` prints."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from webapp.errors import NotFound
from webapp.services import accounts, audit


@require_GET
@never_cache
def welcome(request: HttpRequest, user_id: int, token: str) -> HttpResponse:
    """Sign the machine's owner in, once."""
    if request.user.is_authenticated:
        return redirect("projects")
    try:
        user = accounts.redeem_sign_in_link(user_id=user_id, token=token)
    except NotFound as error:
        messages.error(request, f"{error.message} Start Pupil again to get a new one.")
        return redirect("account_login")
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    audit.note("person.signed_in", actor=user)
    return redirect("projects")
