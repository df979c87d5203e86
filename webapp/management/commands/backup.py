"""`manage.py backup FILE`: everything in one file, while Pupil runs."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from webapp.management.base import PupilCommand
from webapp.services import archives, audit


class Command(PupilCommand):
    help = "Write database, pictures and versions into one tar file. Pupil may go on running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="- writes to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        # Before it is made: the entry is in it, and says that somebody asked for one.
        audit.note("backup.begun", actor=None)
        is_piped = str(options["file"]) == "-"
        archived = archives.send(sys.stdout.buffer) if is_piped else archives.write(options["file"])
        out = self.stderr if is_piped else self.stdout
        out.write(
            f"{archived.files} files, {archived.byte_size / 2**20:.1f} MB.", self.style.SUCCESS
        )
