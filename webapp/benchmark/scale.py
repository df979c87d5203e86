"""Nearest vectors in the database: one large project among many rows, and a tiny one beside it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from webapp.benchmark import rows
from webapp.embedded import postgres, preparation, valkey
from webapp.embedded.supervisor import Supervisor
from webapp.models import Embedding, Project
from webapp.selectors import search

_LARGE, _TINY = 100_000, 50
_QUERIES = 100
_TOP = 10


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
    random = np.random.default_rng(0)
    large, tiny, others = (Project.objects.create(name=n) for n in ("large", "tiny", "others"))
    started = time.perf_counter()
    with rows.without_vector_index():
        for project, count in ((large, _LARGE), (tiny, _TINY), (others, total - _LARGE - _TINY)):
            first, end = rows.add_images(project, count)
            rows.add_vectors(project, first, end)
        built = time.perf_counter()
    rows.analyse([Embedding._meta.db_table])
    return {
        "rows": total,
        "filling s": built - started,
        "index s": time.perf_counter() - built,
        f"project of {_LARGE}": _searches(large, random, is_exact=False),
        f"project of {_LARGE}, plain scan": _searches(large, random, is_exact=True, count=10),
        f"project of {_TINY}": _searches(tiny, random, is_exact=False),
    }


def _searches(
    project: Project, random: np.random.Generator, *, is_exact: bool, count: int = _QUERIES
) -> dict[str, float]:
    seconds, recalls = [], []
    limit = search.EXACT_UP_TO
    for query in rows.lifelike_vectors(random, count):
        search.EXACT_UP_TO = 10**9
        exact = {image_id for image_id, _ in search.like_vector(project, query, limit=_TOP)}
        search.EXACT_UP_TO = 10**9 if is_exact else limit
        started = time.perf_counter()
        found = {image_id for image_id, _ in search.like_vector(project, query, limit=_TOP)}
        seconds.append(time.perf_counter() - started)
        recalls.append(len(found & exact) / max(1, len(exact)))
    search.EXACT_UP_TO = limit
    p50, p95 = np.percentile(seconds, (50, 95)) * 1000
    return {"p50 ms": float(p50), "p95 ms": float(p95), f"recall@{_TOP}": float(np.mean(recalls))}
