"""``manage.py benchmark learning``, ``explain`` and ``speed``."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Measures Pupil; needs the development requirements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        from training.benchmark import command as learning
        from training.benchmark import explaining
        from webapp.benchmark import speed

        kinds = parser.add_subparsers(dest="kind", required=True)
        learning.add_arguments(
            kinds.add_parser("learning", help="accuracy, calibration and time of fits")
        )
        explaining.add_arguments(kinds.add_parser("explain", help="where the overlay lies"))
        speed.add_arguments(kinds.add_parser("speed", help="how near the machine's limit it is"))

    def handle(self, *, kind: str, **options: Any) -> None:
        from argparse import Namespace

        from training.benchmark import command as learning
        from training.benchmark import explaining
        from webapp.benchmark import home, speed

        offline = {"learning": learning.run, "explain": explaining.run}
        if kind in offline:
            offline[kind](Namespace(**options))
        elif home.is_ours():
            speed.run(options)
        else:
            sys.exit(home.run_inside(sys.argv[1:], options["home"]))
