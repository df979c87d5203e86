"""``manage.py benchmark learning``: measure learning against what others use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Measures Pupil; needs the development requirements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        from training.benchmark.command import add_arguments

        kinds = parser.add_subparsers(dest="kind", required=True)
        add_arguments(kinds.add_parser("learning", help="accuracy, calibration and time of fits"))

    def handle(self, **options: Any) -> None:
        from argparse import Namespace

        from training.benchmark.command import run

        run(Namespace(**options))
