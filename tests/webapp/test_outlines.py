"""A listing in outline: every id and shape, and where which date or probability begins."""

from datetime import UTC, datetime

import pytest

from tests.factories import ConceptFactory, ImageFactory, PredictionFactory
from webapp.models import Image
from webapp.selectors import gallery, outlines
from webapp.selectors.listings import Query
from webapp.selectors.ordering import Sort

pytestmark = pytest.mark.django_db


def test_it_is_in_the_order_of_the_gallery(project):
    rex = ConceptFactory(project=project, name="Rex")
    for probability in (0.2, 0.9, 0.9, 0.4):
        PredictionFactory(image=ImageFactory(project=project), concept=rex, probability=probability)
    for sort in set(Sort) - {Sort.SIMILAR}:
        query = Query(concept="Rex", sort=sort)
        shown = [image.pk for image in gallery.page(project, query).items]
        assert outlines.outline(project, query).ids == shown


def test_it_tells_shapes(project):
    ImageFactory(project=project, width=300, height=200)
    ImageFactory(project=project, width=200, height=400)
    assert outlines.outline(project, Query(sort=Sort.OLDEST)).widths == [150, 50]


def test_marks_say_where_another_day_begins(project):
    for day in (1, 1, 1, 5, 9):
        image = ImageFactory(project=project)
        added = datetime(2026, 3, day, 12, tzinfo=UTC)
        Image.objects.filter(pk=image.pk).update(created_at=added)
    marks = outlines.outline(project, Query()).marks
    assert marks == [(0, "2026-03-09"), (1, "2026-03-05"), (2, "2026-03-01")]


def test_marks_say_where_another_percentage_begins(project):
    rex = ConceptFactory(project=project, name="Rex")
    for probability in (0.201, 0.199, 0.9):
        PredictionFactory(image=ImageFactory(project=project), concept=rex, probability=probability)
    query = Query(concept="Rex", sort=Sort.MOST_LIKELY)
    assert outlines.outline(project, query).marks == [(0, "90"), (1, "20")]


def test_its_queries_do_not_grow(project, django_assert_num_queries):
    ImageFactory.create_batch(30, project=project)
    with django_assert_num_queries(2):
        outlines.outline(project, Query())
