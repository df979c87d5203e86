"""`manage.py orphans [--delete]`: files in the storage that nothing refers to any more."""

from typing import Any

from django.core.management.base import CommandParser

from webapp.management.base import PupilCommand
from webapp.services import orphans


class Command(PupilCommand):
    help = "List files in the storage that nothing refers to. None is younger than a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="remove them, too")

    def handle(self, *args: Any, **options: Any) -> None:
        count = byte_size = 0
        for orphan in orphans.find():
            if options["delete"] and not orphans.remove(orphan):
                continue  # something refers to it by now
            count += 1
            byte_size += orphan.byte_size
            self.stdout.write(orphan.name)
        done = "were removed" if options["delete"] else "could be removed with --delete"
        self.stdout.write(f"{count} files, {byte_size / 2**20:.1f} MB, {done}.")
