"""`manage.py token EMAIL [--create]`: an API token for a person."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from webapp.errors import NotFound
from webapp.management.base import PupilCommand
from webapp.models import User
from webapp.rights import Right
from webapp.services import accounts


class Command(PupilCommand):
    help = "Make an API token for a person; it stands alone on the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--create", action="store_true", help="make the person if new")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=list(Right),
            metavar="SCOPE",
            help=f"what it may do ({', '.join(Right)}); again for more; all, when not given",
        )
        parser.add_argument("--days", type=int, help="how long it is good for")
        parser.add_argument("--name", default="command line", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["email"], may_create=options["create"])
        _, key = accounts.create_token(
            user=user, name=options["name"], scopes=options["scope"], days=options["days"]
        )
        self.stdout.write(key)

    def _user(self, email: str, *, may_create: bool) -> User:
        try:
            return accounts.find_user(email=email)
        except NotFound as error:
            if not may_create:
                raise CommandError(f"{error.message} Add --create.") from error
        user = accounts.create_user(email=email)
        self.stdout.write(f"Made the account {email}; it has no password yet.")
        return user
