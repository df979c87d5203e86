"""The gallery: what it shows, in what order, page by page, in a constant number of queries."""

from dataclasses import replace

import pytest
from django.db import connection

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
)
from webapp.errors import Invalid, NotFound
from webapp.selectors import cursors, gallery, listings, ordering
from webapp.selectors.listings import LabelFilter, Query
from webapp.selectors.ordering import Sort

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def rex(project):
    return ConceptFactory(project=project, name="Rex")


def seen(project, **query):
    return gallery.page(project, Query(**query)).items


def predicted(project, concept, *probabilities):
    images = ImageFactory.create_batch(len(probabilities), project=project)
    for image, probability in zip(images, probabilities, strict=True):
        PredictionFactory(image=image, concept=concept, probability=probability)
    return images


class TestOrder:
    def test_newest_first(self, project):
        images = ImageFactory.create_batch(3, project=project)
        ImageFactory()
        assert seen(project) == images[::-1]
        assert seen(project, sort=Sort.OLDEST) == images

    def test_by_probability_of_the_concept(self, project, rex):
        low, high, middle = predicted(project, rex, 0.1, 0.9, 0.5)
        predicted(project, ConceptFactory(project=project), 0.99)
        best_first = seen(project, concept="rex", sort=Sort.MOST_LIKELY)
        assert best_first == [high, middle, low]
        assert seen(project, concept="rex", sort=Sort.LEAST_LIKELY) == best_first[::-1]

    def test_least_certain_first(self, project, rex):
        no, unsure, yes = predicted(project, rex, 0.02, 0.55, 0.9)
        assert seen(project, concept="Rex", sort=Sort.UNCERTAIN) == [unsure, yes, no]

    def test_least_certain_first_goes_on_across_the_threshold(self, project, rex):
        images = predicted(project, rex, 0.45, 0.55, 0.5, 0.4, 0.6, 0.55, 0.0, 1.0)
        query = Query(concept="Rex", sort=Sort.UNCERTAIN, limit=3)
        first = gallery.page(project, query)
        second = gallery.page(project, replace(query, cursor=first.next_cursor))
        third = gallery.page(project, replace(query, cursor=second.next_cursor))
        order = [2, 0, 1, 5, 3, 4, 6, 7]
        assert first.items + second.items + third.items == [images[place] for place in order]
        assert (first.total, third.next_cursor) == (8, None)

    def test_a_later_page_by_probability_is_read_from_where_the_last_one_ended(self, project, rex):
        predicted(project, rex, 0.9, 0.5, 0.1)
        query = Query(concept="Rex", sort=Sort.MOST_LIKELY, limit=1)
        listed = listings.ordered(project, query).in_order
        ended = gallery.page(project, query).next_cursor
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = ordering.after(listed, query.sort, ended).explain()
        conditions = [line for line in plan.splitlines() if "Index Cond" in line]
        assert any("probability <= " in condition for condition in conditions), plan

    @pytest.mark.parametrize("sort", list(Sort))
    def test_pages_join_without_a_gap_or_a_double(self, project, rex, sort):
        images = predicted(project, rex, 0.5, 0.5, 0.5, 0.1, 0.9, 0.1, 0.7)
        for image in images:
            EmbeddingFactory(image=image)
        q = f"near:{images[3].pk}" if sort is Sort.SIMILAR else "jpg"
        query = Query(q=q, concept="Rex", sort=sort)
        whole = gallery.page(project, query).items
        joined, cursor = [], None
        while True:
            page = gallery.page(project, replace(query, limit=2, cursor=cursor))
            joined += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert joined == whole
        assert len(whole) == 7


class TestFilters:
    def test_how_many_match_a_probability(self, project, rex):
        predicted(project, rex, 0.2, 0.6, 0.7, 0.9)
        predicted(project, ConceptFactory(project=project), 0.65)
        query = Query(concept="Rex", min_probability=0.6, max_probability=0.8)
        assert gallery.page(project, query).total == 2
        assert gallery.page(project, replace(query, q="jpg")).total == 2
        assert gallery.page(project, replace(query, count=False)).total is None
        assert gallery.count(project, query) == 2

    def test_by_probability(self, project, rex):
        _, middle, _ = predicted(project, rex, 0.1, 0.5, 0.9)
        found = seen(project, concept="Rex", min_probability=0.4, max_probability=0.6)
        assert found == [middle]

    def test_by_label(self, project, rex):
        yes, no, none = ImageFactory.create_batch(3, project=project)
        LabelFactory(image=yes, concept=rex)
        LabelFactory(image=no, concept=rex, is_positive=False)
        LabelFactory(image=none, concept=ConceptFactory(project=project))
        shown = {label: seen(project, concept="Rex", label=label) for label in LabelFilter}
        assert shown == {"positive": [yes], "negative": [no], "any": [no, yes], "none": [none]}

    def test_by_id(self, project):
        first, _, third = ImageFactory.create_batch(3, project=project)
        elsewhere = ImageFactory()
        assert seen(project, ids=(first.pk, third.pk, elsewhere.pk)) == [third, first]

    def test_by_status(self, project):
        failed = ImageFactory(project=project, status="failed")
        ImageFactory(project=project)
        assert seen(project, status="failed") == [failed]

    def test_total_is_what_matches(self, project, rex):
        predicted(project, rex, 0.1, 0.5, 0.9)
        page = gallery.page(project, Query(concept="Rex", min_probability=0.4, limit=1))
        assert (len(page.items), page.total) == (1, 2)


class TestRefusals:
    def test_a_probability_of_what(self, project):
        with pytest.raises(Invalid) as caught:
            seen(project, sort=Sort.MOST_LIKELY)
        assert caught.value.code == "concept_missing"

    def test_an_unknown_concept(self, project):
        with pytest.raises(NotFound):
            seen(project, concept="Rex")

    @pytest.mark.parametrize("cursor", ["x", "%", "bnVsbA", "W10", "é", cursors.encode(0.1, -1)])
    def test_a_cursor_that_is_none(self, project, cursor):
        with pytest.raises(Invalid) as caught:
            seen(project, cursor=cursor)
        assert caught.value.code == "bad_cursor"


def test_the_number_of_queries_does_not_grow_with_the_page(project, rex, django_assert_num_queries):
    for image in predicted(project, rex, *[0.5] * 30):
        LabelFactory(image=image, concept=rex)
    # concept, pictures, labels, their concepts, predictions, their concepts, total
    with django_assert_num_queries(7):
        page = gallery.page(project, Query(concept="Rex", sort=Sort.MOST_LIKELY))
        for image in page.items:
            assert [label.concept.name for label in image.shown_labels] == ["Rex"]
            assert [said.concept.name for said in image.shown_predictions] == ["Rex"]
