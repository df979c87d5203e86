"""`manage.py restore FILE`: what `backup` wrote, in the place of what is here."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from webapp.management.base import PupilCommand
from webapp.services import archives, audit


class Command(PupilCommand):
    help = (
        "Put back what `backup` wrote, also by an older Pupil. Database and queue must run; nobody "
        "should be working."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="lose the projects that are here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        restored = archives.read(options["file"], may_replace=options["replace"])
        audit.note("backup.restored", actor=None, files=restored.files)
        self.stdout.write(f"{restored.files} files are back.")
        if restored.lost_images or restored.lost_versions:
            self.stdout.write(
                f"{restored.lost_images} pictures and {restored.lost_versions} versions had gone "
                "when it was written."
            )
