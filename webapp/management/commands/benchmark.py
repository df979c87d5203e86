"""``manage.py benchmark learning`` and ``manage.py benchmark speed``."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Measures Pupil; needs the development requirements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        from training.benchmark import command as learning
        from webapp.benchmark import speed

        kinds = parser.add_subparsers(dest="kind", required=True)
        learning.add_arguments(
            kinds.add_parser("learning", help="accuracy, calibration and time of fits")
        )
        speed.add_arguments(kinds.add_parser("speed", help="how near the machine's limit it is"))

    def handle(self, *, kind: str, **options: Any) -> None:
        from argparse import Namespace

        from training.benchmark import command as learning
        from webapp.benchmark import home, speed

        if kind == "learning":
            learning.run(Namespace(**options))
        elif home.is_ours():
            speed.run(options)
        else:
            sys.exit(home.run_inside(sys.argv[1:], options["home"]))
