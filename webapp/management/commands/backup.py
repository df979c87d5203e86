"""`manage.py backup FILE`: everything in one file, while Pupil runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from webapp.management.base import PupilCommand
from webapp.services import archives


class Command(PupilCommand):
    help = "Write database, pictures and versions into one tar file. Pupil may go on running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        archived = archives.write(options["file"])
        self.stdout.write(f"{archived.files} files, {archived.byte_size / 2**20:.1f} MB.")
