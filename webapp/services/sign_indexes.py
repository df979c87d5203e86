"""Large projects' indexes are made, mended and dropped while people go on.

What is there stands in the database's catalogue, and what should be there follows from the rows. So
nothing else is noted: whoever comes next makes what is missing, and drops what somebody left half
made. Until an index is there, and where the database allows none, all vectors are looked at.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.backends.ddl_references import Statement

from webapp import learning
from webapp.models import Embedding
from webapp.selectors import backbones, sign_indexes
from webapp.selectors.sign_indexes import SignIndex
from webapp.services import locks, turns

logger = logging.getLogger(__name__)

TEND_EVERY = timedelta(minutes=1)
_TRY_AGAIN_AFTER = timedelta(minutes=10)
# What finding lists takes grows with their number: of the most, a third of a gigabyte.
BUILD_MEMORY = "512MB"
# Building takes longer than a request may, and waits for all that goes on when it begins: whoever
# leaves a transaction open must not keep people from their exports. Several processes for one index
# would want more shared memory than a container has, and the processors that people wait for.
_SETTINGS = (
    "SET statement_timeout = 0; SET lock_timeout = '5min';"
    f" SET maintenance_work_mem = '{BUILD_MEMORY}'; SET max_parallel_maintenance_workers = 0"
)


def tend() -> bool:
    """Drop one index that is of no use, or make one that is missing; say whether that was done.

    One worker does so at a time: what another is building looks half made.
    """
    try:
        return locks.hold_indexes() and _tend()
    finally:
        connection.close()  # which ends the settings and the lock


def _tend() -> bool:
    large = _large_projects()
    there, whole = sign_indexes.there(), sign_indexes.whole_ones()
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
    for index in there:
        known_by, _ = large.get(index.project_id, ("", 0))
        is_of_no_use = index != sign_indexes.finest(whole, index.project_id, known_by)
        if is_of_no_use and turns.is_due(f"{index.name} dropped", every=_TRY_AGAIN_AFTER):
            return _changed(index, index.definition.remove_sql)
    for project_id, (known_by, count) in large.items():
        wanted = SignIndex(project_id, known_by, sign_indexes.lists_for(count))
        best = sign_indexes.finest(whole, project_id, known_by)
        is_missing = best.lists < wanted.lists if best else count > sign_indexes.EXACT_UP_TO
        if is_missing and turns.is_due(f"sign index:{wanted.name}", every=_TRY_AGAIN_AFTER):
            return _changed(wanted, wanted.definition.create_sql)
    return False


def _large_projects() -> dict[int, tuple[str, int]]:
    """Return what the vectors of each large project are known by, and how many they are."""
    changing = backbones.of_changing()
    large = {}
    for known_by in {learning.fingerprint(), *changing.values()}:
        for project_id, count in sign_indexes.counts_of_large_projects(known_by).items():
            if changing.get(project_id, learning.fingerprint()) == known_by:
                large[project_id] = known_by, count
    return large


def _changed(index: SignIndex, statement: Callable[..., Statement | str]) -> bool:
    """Make or drop an index; say whether that could be done."""
    try:
        with connection.schema_editor(atomic=False) as editor:
            editor.execute(statement(Embedding, editor, concurrently=True))
    except DatabaseError as error:
        # Not allowed, no room, or somebody's transaction: searches look at all vectors meanwhile.
        logger.warning("index %s is left for later: %s", index.name, error)
        return False
    return True
