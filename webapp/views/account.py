"""A person's account: e-mail address, password, and the tokens of their programs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from webapp.errors import PupilError
from webapp.rights import Right
from webapp.selectors import accounts as selectors
from webapp.selectors import quotas, requests
from webapp.services import accounts as services
from webapp.views.access import user_of

_LIFETIMES = [("", "for ever"), (7, "a week"), (30, "a month"), (365, "a year")]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the account; a token that was just made is in this one answer and nowhere else."""
    user = user_of(request)
    name, key, error = request.POST.get("name", ""), "", ""
    if request.method == "POST":
        try:
            days = request.POST.get("days", "")
            _, key = services.create_token(
                user=user,
                name=name,
                scopes=request.POST.getlist("scope"),
                days=int(days[:9]) if days.isdecimal() else None,
            )
        except PupilError as refused:
            error = refused.message
    context = {
        "tokens": selectors.tokens(user),
        "quotas": [quota for quota in quotas.quotas(user=user) if quota.scope == "person"],
        "requests": requests.told(user),
        "key": key,
        "name": name,
        "error": error,
        "rights": [(right, right.words) for right in Right],
        "lifetimes": _LIFETIMES,
        "address": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "account.html", context, status=422 if error else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    try:
        services.revoke_token(user=user_of(request), token_id=token_id)
        messages.success(request, "The token is revoked: programs that use it are locked out.")
    except PupilError as refused:
        messages.error(request, refused.message)
    return redirect("account")
