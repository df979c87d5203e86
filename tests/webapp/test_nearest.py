"""The nearest vectors of a project too large to look at all: found by signs, ranked exactly."""

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import ProjectFactory
from training.background import unit
from webapp import learning
from webapp.benchmark import rows
from webapp.models import Image
from webapp.selectors import search, sign_indexes, vectors
from webapp.services import sign_indexes as tending

pytestmark = pytest.mark.django_db(transaction=True)


def project_of(count):
    made = ProjectFactory()
    rows.add_vectors(made, *rows.add_images(made, count))
    return made


@pytest.fixture
def project(large_from):
    """A project of 300 whose index is made, beside one of 600 that waits for its own."""
    large_from(100)
    made, _ = project_of(300), project_of(600)
    tending.tend()
    return made


@pytest.fixture
def by_index():
    """Have the index asked, though so few rows are sorted sooner."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        yield


def exact(project, query, limit):
    """Work out the nearest, with two bytes a number and lengths not quite one, as the database."""
    known = vectors.of_project(project.pk, learning.fingerprint())
    likeness = unit(known.matrix) @ unit(query.astype(np.float16).astype(np.float32))
    best = np.argsort(-likeness)[:limit]
    return known.image_ids[best].tolist(), likeness[best]


def query(seed):
    return rows.lifelike_vectors(np.random.default_rng(seed), 1)[0]


def plan_of(captured):
    [asked] = [one["sql"] for one in captured if " <=> " in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_finds_the_nearest_with_their_cosines(project, by_index):
    found = search.like_vector(project, query(5), limit=10)
    ids, likeness = exact(project, query(5), 300)
    cosines = dict(zip(ids, likeness.tolist(), strict=True))
    assert [cosines[image_id] for image_id, _ in found] == pytest.approx(
        [value for _, value in found], abs=1e-5
    )
    assert found == sorted(found, key=lambda one: -one[1])
    # The index is made of samples drawn by chance, so now and then it misses one.
    assert len({image_id for image_id, _ in found} & set(ids[:10])) >= 7


def test_asks_the_index_of_the_project(project, by_index):
    [index] = sign_indexes.whole_ones()
    assert index.project_id == project.pk
    with CaptureQueriesContext(
        connection,
    ) as captured:
        search.like_vector(project, query(5), limit=10)
    assert f"Index Scan using {index.name}" in plan_of(captured)


def test_keeps_to_what_is_asked_among(project, by_index):
    mine = Image.objects.filter(project=project).order_by("-pk")
    # Named one by one: a subquery that may not be sorted either is run for each row anew.
    few = mine.filter(pk__in=list(mine.values_list("pk", flat=True)[:150]))
    found = {
        image_id for image_id, _ in search.like_vector(project, query(6), among=few, limit=200)
    }
    assert found == set(few.values_list("pk", flat=True))


@pytest.mark.parametrize("count", [50, 600])
def test_looks_at_all_where_there_is_no_index(project, count):
    other = project_of(count)
    with CaptureQueriesContext(connection) as captured:
        found = search.like_vector(other, query(7), limit=10)
    assert [image_id for image_id, _ in found] == exact(other, query(7), 10)[0]
    assert "signs_of" not in plan_of(captured)
