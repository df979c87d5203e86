"""`manage.py token EMAIL [--create]`: an API token for a person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.models import User
from webapp.services import accounts


class Command(BaseCommand):
    help = "Make an API token for a person; it stands alone on the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--create", action="store_true", help="make the person if new")
        parser.add_argument("--name", default="command line", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        email = User.objects.normalize_email(options["email"])
        user = User.objects.filter(email__iexact=email).first()
        if user is None and not options["create"]:
            raise CommandError(f"There is nobody with the address {email}. Add --create.")
        if user is None:
            user = accounts.create_user(email=email)
            self.stdout.write(f"Made the account {email}; it has no password yet.")
        _, key = accounts.create_token(user=user, name=options["name"])
        self.stdout.write(key)
