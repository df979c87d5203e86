"""`manage.py import_project FILE [--dry-run]`: a project from an archive or a data set."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from webapp.errors import Busy, PupilError
from webapp.management.base import PupilCommand
from webapp.models import Import, Job, User
from webapp.services import accounts, importing, jobs

TIMEOUT_SECONDS = 24 * 3600


class Command(PupilCommand):
    help = "Bring along a project of Pupil, or pictures with what other tools say of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a zip; see docs/portability.md")
        parser.add_argument("--name", default="", help="of the new project")
        parser.add_argument("--email", help="whose project; without it, the machine owner's")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"]
        user = accounts.find_user(email=email) if email else accounts.machine_owner()
        path: Path = options["file"]
        with path.open("rb") as file:
            received = importing.receive(user=user, filename=path.name, stream=file, project=None)
        if received.job:
            self._done(received.job)
        received.refresh_from_db()
        self._tell(received.report)
        if options["dry_run"]:
            importing.forget(received)
        else:
            self._take_in(received, user, options["name"])

    def _take_in(self, received: Import, user: User, name: str) -> None:
        job = self._done(importing.start(received=received, user=user, name=name))
        self._tell_problems(job.result)
        self.stdout.write(f"{job.result['added']} pictures are in project {job.project_id}.")

    def _done(self, job: Job) -> Job:
        job = jobs.wait(job, timeout_seconds=TIMEOUT_SECONDS)
        if job.state == Job.State.FAILED:
            raise PupilError(job.error_message, code=job.error_code)
        if job.state != Job.State.SUCCEEDED:
            raise Busy("No worker came to it. Is `make run` running?")
        return job

    def _tell(self, report: dict[str, Any]) -> None:
        names = ", ".join(concept["name"] for concept in report["concepts"])
        self.stdout.write(f"It is {report['title']}: {report['pictures']} pictures, ", ending="")
        self.stdout.write(f"{report['labels']} labels of {names or 'no concept'}.")
        self._tell_problems(report)

    def _tell_problems(self, told: dict[str, Any]) -> None:
        for problem in told["problems"]:
            self.stdout.write(f"{problem['item']}: {problem['message']}")
