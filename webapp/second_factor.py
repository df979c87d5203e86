"""Has the audit log know of two-step sign-in, which allauth switches on and off."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.dispatch import receiver

from webapp.models import User
from webapp.services import audit


# allauth tells it only once it is so, not in the transaction that does it.
@receiver(signals.authenticator_added)
def note_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    _note("second_factor.added", user, authenticator)


@receiver(signals.authenticator_removed)
def note_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _note("second_factor.removed", user, authenticator)


@receiver(signals.authenticator_reset)
def note_new_codes(user: User, **_: Any) -> None:
    audit.note("recovery_codes.made", actor=user)


def _note(action: str, user: User, authenticator: Authenticator) -> None:
    if authenticator.type == Authenticator.Type.TOTP:  # recovery codes come and go with it
        audit.note(action, actor=user)
