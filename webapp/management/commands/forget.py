"""`manage.py forget EMAIL`: erase a person."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from webapp.management.base import PupilCommand
from webapp.services import accounts, forgetting


class Command(PupilCommand):
    help = (
        "Erase a person: account, tokens, sessions, and the projects that are theirs alone. What "
        "they added to others' projects stays, without their name."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:
        user = accounts.find_user(email=options["email"])
        if not options["yes"]:
            alone = forgetting.projects_of_them_alone(user).count()
            if not _agrees(f"Erase {user.email}, and projects of theirs alone ({alone})? [y/N] "):
                raise CommandError("Nothing was erased. Say --yes where nobody can answer.")
        erased = forgetting.forget(user=user)
        self.stdout.write(f"Forgotten. Projects that are being erased: {erased}.")


def _agrees(question: str) -> bool:
    try:
        return input(question).strip().lower() == "y"
    except EOFError:
        return False
