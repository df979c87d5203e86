"""The benchmark's command line: arguments, the run, tables and JSON."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from training.backbones import DEFAULT_BACKBONE
from training.background import Background
from training.benchmark.datasets import load_dataset, pooled_features
from training.benchmark.fine_tuning import fine_tune
from training.benchmark.measure import Results, measure
from training.benchmark.methods import METHODS, Method, logistic_regression_cv
from training.benchmark.positives import NAME as POSITIVES
from training.benchmark.positives import measure_positives
from training.benchmark.refining import NAME as REFINED
from training.benchmark.refining import measure_refining
from training.benchmark.timing import measure_fit_seconds
from training.embed import Embedder

SHOTS = (1, 2, 3, 5, 10, 20)
_POSITIVE_SHOTS = (1, 3)
_REFINE_SHOTS = (5, 10)
# Vectors of the bank were whitened without themselves, so that they are not quite the same.
_COMPARED, _SAME = 5, 0.9
_FASTAI = "fastai fine_tune"
_SLOW_METHODS: dict[str, Method] = {
    "scikit-learn LRCV": logistic_regression_cv,
    _FASTAI: fine_tune,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's arguments."""
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders per class")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--background", type=Path, help="unrelated pictures; half test positives")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS)
    parser.add_argument("--cache", type=Path, help="keeps features between runs")
    parser.add_argument("--slow", action="store_true", help="also the peers that take minutes")
    parser.add_argument(
        "--refine", type=float, metavar="SECONDS", help="also refine, at most so long a draw"
    )
    parser.add_argument("--timing", action="store_true", help="also fit seconds at three sizes")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse a command line and run."""
    parser = argparse.ArgumentParser(prog="benchmark learning", description=__doc__)
    add_arguments(parser)
    run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> None:
    """Measure, print tables, write JSON."""
    embedder = Embedder.load(options.backbone, cache_dir=options.cache)
    methods: dict[str, Method] = METHODS | (_SLOW_METHODS if options.slow else {})
    results = Results()
    background, others = _halves(options, embedder)
    for folder in options.data:
        data = load_dataset(folder, embedder, options.cache, with_views=True)
        print(f"{data.name}: {len(data.paths)} pictures, {data.labels.shape[1]} classes")
        measure(
            data,
            # Fine-tuning is for one class per picture.
            {name: m for name, m in methods.items() if data.exclusive or name != _FASTAI},
            shots=options.shots,
            draw_count=options.draws,
            background=background,
            backbone=options.backbone,
            results=results,
        )
        if data.exclusive and len(others):
            measure_positives(
                data,
                shots=[count for count in _POSITIVE_SHOTS if count in options.shots],
                draw_count=options.draws,
                background=background,
                others=others,
                results=results,
            )
        if data.exclusive and options.refine:
            measure_refining(
                data,
                shots=[count for count in _REFINE_SHOTS if count in options.shots],
                draw_count=options.draws,
                spec=embedder.spec,
                background=background,
                max_seconds=options.refine,
                results=results,
            )
    _print_tables(results, methods)
    figures = results.to_dict([*methods, POSITIVES, REFINED], options.shots)
    if options.timing:
        figures["fit_seconds"] = measure_fit_seconds(embedder.background, embedder.dimensions)
        print("fit seconds:", figures["fit_seconds"])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def _halves(
    options: argparse.Namespace, embedder: Embedder
) -> tuple[Background, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Take half of the bank away where its pictures are tested on.

    The bank's vectors were whitened without themselves, so the half that is left out of the fit
    is as good as never seen.
    """
    whole = embedder.background
    if options.background is None:
        return whole, whole.bank[:0]
    paths = sorted(path for path in options.background.iterdir() if path.is_file())
    if _is_bank(paths, embedder):
        half = Background(whole.weights, whole.whitenings, whole.bank[::2])
        return half, whole.bank[1::2]
    features, _ = pooled_features(paths, embedder, options.cache)
    return whole, whole.vectors(features)


def _is_bank(paths: Sequence[Path], embedder: Embedder) -> bool:
    """Tell whether these pictures made the bank, by the vectors of the first ones."""
    bank = embedder.background.bank
    if len(paths) != len(bank):
        return False
    features, readable = pooled_features(list(paths[:_COMPARED]), embedder, None)
    if not all(readable):
        return False
    return bool(((embedder.background.vectors(features) * bank[:_COMPARED]).sum(1) > _SAME).all())


def _print_tables(results: Results, methods: Mapping[str, Method]) -> None:
    sets = list(dict.fromkeys(data for data, _, _ in results.draws))
    _table("balanced accuracy in %, mean of sets", results, methods, "accuracy", "6.1f")
    for data in sets:
        for figure in ("accuracy", "mAP"):
            _table(
                f"{data}: {figure} in % ± standard error", results, methods, figure, "6.1f", data
            )
    _table("mAP in %, mean of sets", results, methods, "mAP", "6.1f")
    _table("expected calibration error", results, methods, "ece", "6.3f")
    _table("the same of the best concept", results, methods, "ece_of_best", "6.3f")
    _table("accuracy it says of itself", results, methods, "said_accuracy", "6.1f")
    _table("share of draws inside its interval", results, methods, "covered", "6.2f")
    _table("seconds", results, methods, "seconds", "6.3f")
    for figure in ("kept", "promised", "gain", "seconds"):
        title = f"refining: {figure}"
        _table(title, results, {REFINED: None}, f"refine_{figure}", "6.2f")
    for figure in ("auroc", "recall", "false_positives", "other_subjects"):
        for data in sets:
            _table(f"{data}: {figure}", results, {POSITIVES: None}, figure, "6.4f", data)


def _table(
    title: str,
    results: Results,
    methods: Mapping[str, object],
    figure: str,
    style: str,
    data: str | None = None,
) -> None:
    lines = []
    columns = sorted({shots for _, _, shots in results.draws})
    for method in methods:
        cells = []
        for shots in columns:
            if data is None:
                value, error = results.over_sets(method, shots, figure), None
            else:
                value = results.mean(data, method, shots, figure)
                error = results.standard_error(data, method, shots, figure)
            cell = "" if value is None else format(value, style)
            cells.append(cell + (f"±{error:.1f}" if error is not None and "1f" in style else ""))
        if any(cells):
            lines.append(f"{method:24s}" + "".join(f"{cell:>12s}" for cell in cells))
    if lines:
        print(f"\n{title}\n{'shots':24s}" + "".join(f"{shots:>12d}" for shots in columns))
        print("\n".join(lines))
