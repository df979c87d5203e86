"""`manage.py teach DIR --project NAME [--watch]`: a folder of folders becomes a taught project."""

from pathlib import Path
from typing import Any

import watchfiles
from django.core.management.base import CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from webapp.management.base import PupilCommand
from webapp.models import Version
from webapp.services import accounts, folders
from webapp.services.images import Refused


class Command(PupilCommand):
    help = "Import a folder per concept, train, and print how good the version is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="holds one folder of pictures per concept")
        parser.add_argument("--project", required=True, help="its name; made if new")
        parser.add_argument("--email", help="whose project; without it, the machine owner's")
        parser.add_argument("--watch", action="store_true", help="go on with what is added later")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        user = accounts.find_user(email=options["email"]) if options["email"] else None
        lesson = folders.open_lesson(
            folder=options["folder"],
            project_name=options["project"],
            user=user or accounts.machine_owner(),
        )
        self._teach(console, lesson)
        if not options["watch"]:
            return
        console.print("Watching for new pictures. Stop with Ctrl-C.")
        for _ in watchfiles.watch(lesson.folder, raise_interrupt=False):
            if lesson.count_new():
                self._teach(console, lesson)

    def _teach(self, console: Console, lesson: folders.FolderLesson) -> None:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
        ) as progress:
            uploading = progress.add_task("Importing", total=lesson.count_new())
            for refused in folders.import_new(lesson):
                progress.advance(uploading)
                if refused:
                    progress.console.print(_line(refused))
            indexing = progress.add_task("Reading", total=None)
            for counts in folders.until_indexed(lesson):
                progress.update(
                    indexing, total=counts.total, completed=counts.total - counts.pending
                )
        version = folders.train(lesson)
        console.print(_table(version))
        console.print(f"Version {version.number} took {version.seconds:.2f} s.")


def _line(refused: Refused) -> str:
    return f"{refused.filename}: {refused.message}"


def _table(version: Version) -> Table:
    table = Table(title="Asked about each picture without having learned from it")
    for name in ("concept", "examples", "precision", "recall", "F1"):
        table.add_column(name, justify="left" if name == "concept" else "right")
    for concept in version.evaluation["concepts"]:
        figures = (concept[name] for name in ("precision", "recall", "f1"))
        table.add_row(concept["concept"], str(concept["support"]), *map(_figure, figures))
    return table


def _figure(estimate: dict[str, float | None]) -> str:
    value, low, high = (estimate[part] for part in ("value", "low", "high"))
    if value is None:
        return "–"
    return f"{value:.2f}" if low is None else f"{value:.2f} ({low:.2f}–{high:.2f})"
