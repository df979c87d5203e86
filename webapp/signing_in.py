"""Has the audit log know of sign-ins and passwords, which allauth looks after."""

from typing import Any

from allauth.account import signals
from django.dispatch import receiver

from webapp.models import User
from webapp.services import audit


# Of allauth, not of Django: that one also tells of every test that signs somebody in.
@receiver(signals.user_logged_in)
def note_sign_in(user: User, **_: Any) -> None:
    audit.note("person.signed_in", actor=user)


@receiver([signals.password_changed, signals.password_set, signals.password_reset])
def note_password(user: User, **_: Any) -> None:
    audit.note("password.changed", actor=user)
