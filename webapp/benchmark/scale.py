"""Nearest vectors in the database: two large projects in one table, and a tiny one beside them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from webapp.benchmark import rows
from webapp.benchmark.client import timed
from webapp.embedded import postgres, preparation, valkey
from webapp.embedded.supervisor import Supervisor
from webapp.models import Embedding, Project
from webapp.selectors import search

_LARGE, _TINY = 100_000, 50
_QUERIES = 100
_CHECKED = 50  # of them, against looking at all, which takes seconds where there are many
_TOP = 10
_PROC = Path("/proc")


@contextmanager
def _databases() -> Iterator[None]:
    """Run PostgreSQL and Valkey alone: nothing else is measured."""
    home = settings.PUPIL_HOME
    preparation.make_folders(home)
    supervisor = Supervisor(home / "logs", print)
    with supervisor.listening():
        try:
            supervisor.start(valkey.program(home), alarms=False)
            supervisor.start(postgres.program(home), alarms=False)
            supervisor.wait_for("PostgreSQL", lambda: postgres.is_ready(home), timeout_seconds=300)
            postgres.create_database(home)
            preparation.migrate()
            yield
        finally:
            connection.close()
            supervisor.stop(["postgres", "valkey"])


def measure(total: int) -> dict[str, Any]:
    """Measure searches in a database of its own."""
    with _databases():
        return _measure(total)


def _measure(total: int) -> dict[str, Any]:
    """Fill a database with vectors and measure searches in it."""
    counts = {"large": _LARGE, "tiny": _TINY, "others": total - _LARGE - _TINY}
    started = time.perf_counter()
    projects = [_project(name, count) for name, count in counts.items()]
    figures: dict[str, Any] = {"rows": total, "filling s": time.perf_counter() - started}
    rows.analyse([Embedding._meta.db_table])
    for project, count in zip(projects, counts.values(), strict=True):
        seconds, index = timed(partial(rows.make_index, project))
        made = {"index s": seconds, "index MB": rows.megabytes(index)} if index else {}
        figures[f"project of {count}"] = made | _searches(project)
    return figures


def _project(name: str, count: int) -> Project:
    project = Project.objects.create(name=name)
    rows.add_vectors(project, *rows.add_images(project, count))
    return project


def _searches(project: Project) -> dict[str, float]:
    """Search as people do, and compare with what looking at all vectors finds."""
    queries = rows.lifelike_vectors(np.random.default_rng(0), _QUERIES)
    search.like_vector(project, queries[0], limit=_TOP)  # the others are not how it starts
    before = _processor_seconds()
    found = [timed(partial(search.like_vector, project, query, limit=_TOP)) for query in queries]
    busy = _processor_seconds() - before
    plain = [
        timed(partial(search.like_vector, project, query, limit=_TOP, is_exact=True))
        for query in queries[:_CHECKED]
    ]
    answers = zip(found[:_CHECKED], plain, strict=True)
    right = [len(_ids(one) & _ids(all_of_them)) for (_, one), (_, all_of_them) in answers]
    p50, p95 = np.percentile([seconds for seconds, _ in found], (50, 95)) * 1000
    return {
        "p50 ms": float(p50),
        "p95 ms": float(p95),
        "server's processor ms": busy / _QUERIES * 1000,
        f"recall@{_TOP}": float(np.mean(right)) / _TOP,
        "all looked at, p50 ms": float(np.median([seconds for seconds, _ in plain])) * 1000,
    }


def _ids(nearest: search.Nearest) -> set[int]:
    return {image_id for image_id, _ in nearest}


def _processor_seconds() -> float:
    """Return what this connection's process in the server has taken of a processor."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return int((_PROC / str(pid) / "schedstat").read_text().split()[0]) / 1e9
