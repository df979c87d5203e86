"""`manage.py export_project ID FILE`: a whole project as one zip."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from webapp.errors import NotFound
from webapp.management.base import PupilCommand
from webapp.models import Project
from webapp.services import archiving


class Command(PupilCommand):
    help = "Take a whole project away: pictures, labels, versions, settings, in one zip."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", type=int, help="its number, as in the page's address")
        parser.add_argument("file", type=Path, help="where to write it")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(pk=options["project"], erased_at=None).first()
        if project is None:
            raise NotFound("There is no such project.", code="project_not_found")
        path: Path = options["file"]
        unfinished = path.with_name(f"{path.name}.unfinished")
        with unfinished.open("wb") as file:
            for piece in archiving.write(project):
                file.write(piece)
        unfinished.replace(path)
        self.stdout.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
