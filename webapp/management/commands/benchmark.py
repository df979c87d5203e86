"""``manage.py benchmark learning``, ``explain``, ``search``, ``care``, ``speed``, ``load``."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Measures Pupil; needs the development requirements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        from training.benchmark import caring, explaining, searching
        from training.benchmark import command as learning
        from webapp.benchmark import load, speed

        kinds = parser.add_subparsers(dest="kind", required=True)
        learning.add_arguments(
            kinds.add_parser("learning", help="accuracy, calibration and time of fits")
        )
        explaining.add_arguments(kinds.add_parser("explain", help="where the overlay lies"))
        searching.add_arguments(kinds.add_parser("search", help="by pictures, parts and words"))
        caring.add_arguments(
            kinds.add_parser("care", help="wrong labels, clusters, what to label next")
        )
        speed.add_arguments(kinds.add_parser("speed", help="how near the machine's limit it is"))
        load.add_arguments(kinds.add_parser("load", help="many people at once, for a long time"))

    def handle(self, *, kind: str, **options: Any) -> None:
        from argparse import Namespace

        from training.benchmark import caring, explaining, searching
        from training.benchmark import command as learning
        from webapp.benchmark import home, load, scale, speed

        offline = {
            "learning": learning.run,
            "explain": explaining.run,
            "search": searching.run,
            "care": caring.run,
        }
        online = {"speed": speed.run, "load": load.run}
        if (kind in online or options.get("rows")) and not home.is_ours():
            sys.exit(home.run_inside(sys.argv[1:], options["home"]))
        elif options.get("rows"):
            searching.print_figures("vectors", scale.measure(options["rows"]))
        elif kind in offline:
            offline[kind](Namespace(**options))
        else:
            online[kind](options)
