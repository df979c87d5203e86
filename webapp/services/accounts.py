"""People, their API tokens, and the link that signs the owner of a new machine in."""

from collections.abc import Sequence
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from webapp.errors import Invalid, NotFound
from webapp.models import ApiToken, User
from webapp.rights import Right
from webapp.services import audit, keys
from webapp.text import clean

OWNER_EMAIL = "owner@localhost.localdomain"
_TOKEN_PREFIX = "pupil_"  # noqa: S105  lets scanners of leaked secrets know it
_SHOWN_CHARACTERS = 12
_MAX_DAYS = 3650
_LAST_USE_GRAIN = timedelta(minutes=1)


class _SignInLinks(PasswordResetTokenGenerator):
    """Links that die at first use: Django's hash covers the time of the last sign-in."""

    key_salt = "webapp.services.accounts.sign_in_link"


_links = _SignInLinks()


def create_user(*, email: str) -> User:
    """Make a person without a password: they come in by a link or a token.

    Raises:
        Invalid: this is no e-mail address.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(f"{email} is no e-mail address.", code="bad_email") from error
    user: User = User.objects.create_user(email)
    return user


def find_user(*, email: str) -> User:
    """Return the person with this address.

    Raises:
        NotFound: there is nobody.
    """
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise NotFound(f"There is nobody with the address {email}.", code="user_not_found")
    return user


def machine_owner() -> User:
    """Return the person this installation belongs to, made when there is nobody yet."""
    owner = User.objects.filter(is_superuser=True, is_active=True).order_by("id").first()
    return owner or User.objects.create_superuser(OWNER_EMAIL)


def sign_in_link(base_url: str) -> str:
    """Return an address that signs the machine's owner in, once."""
    owner = machine_owner()
    path = reverse("welcome", args=[owner.pk, _links.make_token(owner)])
    return base_url.rstrip("/") + path


def redeem_sign_in_link(*, user_id: int, token: str) -> User:
    """Return the person a link stands for.

    Raises:
        NotFound: the link was used, is too old, or was never one.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not _links.check_token(user, token):
        raise NotFound("This sign-in link was used already or is too old.", code="link_expired")
    return user


@transaction.atomic
def create_token(
    *, user: User, name: str, scopes: Sequence[str] = (), days: int | None = None
) -> tuple[ApiToken, str]:
    """Make an API token and return it with its key, which is not kept.

    Args:
        user: whose rights it has.
        name: what it is for.
        scopes: the rights it is narrowed to; all of its owner's where none is named.
        days: how long it is good for; for ever where that is not said.

    Raises:
        Invalid: the name is missing, a scope is unknown, or the days make no sense.
    """
    name = clean(name)
    if not name or len(name) > 100:
        raise Invalid("Give the token a name of up to 100 characters.", code="bad_name")
    if unknown := sorted(set(scopes) - set(Right)):
        known = ", ".join(Right)
        raise Invalid(f"There is no scope {unknown[0]}; there are {known}.", code="bad_scope")
    if days is not None and not 0 < days <= _MAX_DAYS:
        raise Invalid(f"A token lasts 1 to {_MAX_DAYS} days, or for ever.", code="bad_expiry")
    key = _TOKEN_PREFIX + keys.new()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=key[:_SHOWN_CHARACTERS],
        key_hash=keys.hashed(key),
        scopes=[right for right in Right if right in scopes],
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    audit.note("token.made", actor=user, name=name, scopes=token.scopes)
    return token, key


@transaction.atomic
def revoke_token(*, user: User, token_id: int) -> None:
    deleted, _ = ApiToken.objects.filter(user=user, pk=token_id).delete()
    if not deleted:
        raise NotFound("There is no such token.")
    audit.note("token.revoked", actor=user)


def has_second_factor(user: User) -> bool:
    """Say whether somebody signs in in two steps."""
    factors = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    is_on: bool = factors.exists()
    return is_on


@transaction.atomic
def remove_second_factor(*, user: User) -> None:
    """Let the password do again for who lost phone and recovery codes, as who runs us says."""
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    if deleted:
        audit.note("second_factor.removed", actor=None, who=user.pk)


def token_of_key(key: str) -> ApiToken | None:
    """Return the token a key opens, with its user, and note now and then that it is used."""
    still_good = Q(expires_at=None) | Q(expires_at__gt=Now())
    tokens = ApiToken.objects.select_related("user").filter(still_good, user__is_active=True)
    token = tokens.filter(key_hash=keys.hashed(key)).first()
    if token is None:
        return None
    last_used = token.last_used_at
    if last_used is None or timezone.now() - last_used > _LAST_USE_GRAIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token
