"""`manage.py second_factor EMAIL --remove`: let in who lost phone and recovery codes."""

from typing import Any

from django.core.management.base import CommandParser

from webapp.management.base import PupilCommand
from webapp.services import accounts


class Command(PupilCommand):
    help = "Say whether a person signs in in two steps; with --remove, let the password do again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--remove", action="store_true", help="switch it off")

    def handle(self, *args: Any, **options: Any) -> None:
        user = accounts.find_user(email=options["email"])
        if options["remove"]:
            accounts.remove_second_factor(user=user)
        is_on = accounts.has_second_factor(user)
        self.stdout.write(f"Two-step sign-in of {user.email} is {'on' if is_on else 'off'}.")
