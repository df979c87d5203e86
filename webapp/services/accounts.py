"""People, their API tokens, and the link that signs the owner of a new machine in."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from webapp.errors import Invalid, NotFound
from webapp.models import ApiToken, User

OWNER_EMAIL = "owner@localhost.localdomain"
_TOKEN_PREFIX = "pupil_"  # noqa: S105  lets scanners of leaked secrets know it
_SHOWN_CHARACTERS = 12
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


def create_token(*, user: User, name: str) -> tuple[ApiToken, str]:
    """Make an API token and return it with its key, which is not kept."""
    name = name.strip()
    if not name or len(name) > 100:
        raise Invalid("Give the token a name of up to 100 characters.", code="bad_name")
    key = _TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, name=name, prefix=key[:_SHOWN_CHARACTERS], key_hash=_hash(key)
    )
    return token, key


def revoke_token(*, user: User, token_id: int) -> None:
    deleted, _ = ApiToken.objects.filter(user=user, pk=token_id).delete()
    if not deleted:
        raise NotFound("There is no such token.")


def user_of_key(key: str) -> User | None:
    """Return whose key this is, and note now and then that it is used."""
    token = ApiToken.objects.select_related("user").filter(key_hash=_hash(key)).first()
    if token is None or not token.user.is_active:
        return None
    last_used = token.last_used_at
    if last_used is None or timezone.now() - last_used > _LAST_USE_GRAIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token.user


def _hash(key: str) -> str:
    # A fast hash is right here: the key is 256 random bits, not a password.
    return hashlib.sha256(key.encode()).hexdigest()
