"""`manage.py benchmark speed`: the arguments, the sections, the order."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from training.benchmark.speed import Photos, made_up, of_folder
from webapp.benchmark import cores, home, looking, memory, piles, starting
from webapp.benchmark.client import Client, timed
from webapp.benchmark.measured import Figures, machine
from webapp.models import Project, User
from webapp.services import accounts, projects

SECTIONS = ("limit", "start", "index", "cores", "predict", "train", "search", "gallery", "growth")
_PHOTO_SIZE = (1024, 768)
_LARGE_SIZE = (4000, 3000)
_SIZES = {
    "train": (200, 2_000, 20_000, 100_000),
    "search": (10_000, 100_000),
    "gallery": (1_000, 100_000),
    "growth": (1_000, 100_000),
}
_MILLION = 1_000_000


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the benchmark's arguments."""
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--pictures", type=Path, help="a folder of photos; made up without it")
    parser.add_argument("--home", type=Path, help="keeps converted networks between runs")
    parser.add_argument("--photos", type=int, default=300, help="how many photos to index")
    parser.add_argument("--large", type=int, default=60, help="how many 12-megapixel photos")
    parser.add_argument("--pile", type=int, default=2000, help="how many to predict beside")
    parser.add_argument("--million", action="store_true", help="also a million rows and vectors")
    parser.add_argument("--sizes", type=int, nargs="+", help="these sizes of piles and no others")


def run(options: dict[str, Any]) -> None:
    """Measure the sections that are wanted and write what was found."""
    figures = Figures()
    figures.add("machine", "this", machine())
    photos = _photos(options["pictures"])
    large = made_up(*_LARGE_SIZE, count=4)
    figures.add("machine", "pictures", f"{photos.name}; {large.name}")
    try:
        if "limit" in options["only"]:
            cache = settings.LEARNING_CACHE
            looking.measure_limits(figures, photos, large, cache_dir=cache)
        if "start" in options["only"]:
            starting.measure_starts(figures)
        with home.running() as (address, supervisor):
            _measure(figures, options, Bench(address, supervisor), photos, large)
            figures.add("memory", "peak MB", memory.peaks(supervisor))
        figures.add("machine", "load at the end", os.getloadavg()[0])
    finally:
        if options["json"]:
            figures.write(options["json"])


class Bench:
    """Somebody with a token, and projects to measure in."""

    def __init__(self, address: str, supervisor: int) -> None:
        self.supervisor = supervisor
        self.user: User = accounts.machine_owner()
        _, token = accounts.create_token(user=self.user, name="benchmark")
        self.client = Client(address, token)

    def project(self, name: str) -> Project:
        return projects.create(user=self.user, name=name)


def _measure(
    figures: Figures, options: dict[str, Any], bench: Bench, photos: Photos, large: Photos
) -> None:
    only = options["only"]
    looking.warm_up(bench.client, bench.project("warm-up"), photos)
    if "index" in only:
        project = bench.project("index")
        for name, kind, amount in (
            ("photos", photos, options["photos"]),
            ("12 megapixels", large, options["large"]),
        ):
            looking.measure_indexing(
                figures,
                bench.client,
                project,
                kind,
                name=name,
                amount=amount,
                supervisor=bench.supervisor,
            )
    if "cores" in only:
        cores.measure_cores(
            figures,
            bench.client,
            bench.project("cores"),
            photos,
            amount=options["photos"] // 2,
            supervisor=bench.supervisor,
        )
    if "predict" in only:
        project = bench.project("predict")
        looking.teach(bench.client, project, photos)
        looking.measure_predicting(
            figures, bench.client, project, photos, supervisor=bench.supervisor
        )
        looking.measure_predicting_while_indexing(
            figures, bench.client, project, photos, options["pile"]
        )
    figures.add("memory", "own MB before the piles", memory.own(bench.supervisor))
    for size in _sizes(options):
        _measure_pile(figures, options, bench, photos, size)
    figures.add("memory", "own MB at the end", memory.own(bench.supervisor))


def _measure_pile(
    figures: Figures, options: dict[str, Any], bench: Bench, photos: Photos, size: int
) -> None:
    """Measure all that is wanted of one size in one project: filling it takes the longest."""
    wanted = {section for section in options["only"] if size in _sizes_of(section, options)}
    project = bench.project(f"{size} pictures")
    seconds, _ = timed(
        lambda: piles.fill(project, bench.user, size, with_vectors=wanted != {"gallery"})
    )
    figures.add("made up", f"{size} pictures", {"s": round(seconds, 1)})
    if "train" in wanted:
        piles.measure_training(figures, bench.client, project, supervisor=bench.supervisor)
    elif "gallery" in wanted:
        piles.predict_anything(project)
    if "gallery" in wanted:
        piles.measure_gallery(figures, bench.client, project)
    if wanted & {"search", "growth"}:
        piles.make_index(figures, project)
    if "search" in wanted:
        piles.measure_search(figures, bench.client, project, supervisor=bench.supervisor)
    if "growth" in wanted:
        looking.measure_indexing(
            figures,
            bench.client,
            project,
            photos,
            name=f"photos beside {size} others",
            amount=options["photos"] // 2,
            supervisor=bench.supervisor,
        )
    if size != _MILLION:  # it goes with the whole home
        piles.remove(project)


def _sizes(options: dict[str, Any]) -> list[int]:
    return sorted({size for section in options["only"] for size in _sizes_of(section, options)})


def _sizes_of(section: str, options: dict[str, Any]) -> tuple[int, ...]:
    sizes = _SIZES.get(section, ())
    if options["sizes"]:
        return tuple(size for size in options["sizes"] if section in _SIZES)
    return (*sizes, _MILLION) if options["million"] and sizes else sizes


def _photos(folder: Path | None) -> Photos:
    return of_folder(folder, limit=500) if folder else made_up(*_PHOTO_SIZE, count=32)
