"""The nearest vectors of a project too large to look at all: found by signs, ranked exactly."""

import numpy as np
import pytest
from django.db import connection

from tests.factories import ProjectFactory
from webapp import learning
from webapp.benchmark import rows
from webapp.models import Image
from webapp.selectors import search, vectors

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(monkeypatch):
    """Return a project of 300 beside one of 600, both too large for an exact scan."""
    monkeypatch.setattr(search, "EXACT_UP_TO", 100)
    made, other = ProjectFactory.create_batch(2)
    for one, count in ((made, 300), (other, 600)):
        rows.add_vectors(one, *rows.add_images(one, count))
    return made


@pytest.fixture
def by_index(db):
    """Have the index asked, though so few rows are sorted sooner."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")


def exact(project, query, limit):
    known = vectors.of_project(project.pk, learning.fingerprint())
    likeness = known.matrix @ query
    best = np.argsort(-likeness)[:limit]
    return known.image_ids[best].tolist(), likeness[best]


def test_finds_the_nearest_with_their_cosines(project, by_index):
    query = rows.lifelike_vectors(np.random.default_rng(5), 1)[0]
    found = search.like_vector(project, query, limit=10)
    ids, likeness = exact(project, query, 10)
    assert [image_id for image_id, _ in found] == ids
    np.testing.assert_allclose([value for _, value in found], likeness, atol=2e-3)


def test_keeps_to_the_project_and_to_what_is_asked_among(project, by_index):
    query = rows.lifelike_vectors(np.random.default_rng(6), 1)[0]
    mine = Image.objects.filter(project=project).order_by("-pk")
    # Named one by one: a subquery that may not be sorted either is run for each row anew.
    few = mine.filter(pk__in=list(mine.values_list("pk", flat=True)[:150]))
    found = {image_id for image_id, _ in search.like_vector(project, query, among=few, limit=200)}
    assert found == set(few.values_list("pk", flat=True))


def test_the_index_of_signs_gives_the_order(project, by_index):
    query = search._as_vector(np.ones(4))
    mine = search._mine(project, None)
    plan = search._likest_signs(mine, query)[:10].explain()
    assert "Index Scan using embedding_signs" in plan
