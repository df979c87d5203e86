"""`manage.py background`: for a backbone of your own choice (PUPIL_BACKBONE), once."""

from typing import Any

from webapp.management.base import PupilCommand
from webapp.services import backgrounds


class Command(PupilCommand):
    help = "Learn from the pictures that are here what pictures in general are like."

    def handle(self, *args: Any, **options: Any) -> None:
        backgrounds.build()
        self.stdout.write(
            "Restart Pupil: it reads all pictures again, and then trains each project on them."
        )
