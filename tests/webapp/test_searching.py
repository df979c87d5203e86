"""The query language: what it finds, and what it says when it can't be understood."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    ImageTagFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
    UserFactory,
)
from webapp.errors import Conflict, Invalid
from webapp.learning import general
from webapp.models import Project
from webapp.selectors import gallery, searches
from webapp.selectors.listings import Query
from webapp.selectors.searching import BadQuery, parse
from webapp.services import images as image_services
from webapp.services import searches as search_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return ProjectFactory()


def named(project, *filenames, **fields):
    return [ImageFactory(project=project, filename=name, **fields) for name in filenames]


def found(project, q, **query):
    return [image.filename for image in gallery.page(project, Query(q=q, **query)).items]


def dog_at(image, probability):
    return ImageTagFactory(image=image, tag=general.find_tags("dog", typos=False)[0],
                           probability=probability)  # fmt: skip


class TestWords:
    def test_are_looked_for_in_file_names_whatever_their_case_and_accents(self, project):
        named(project, "Café am Strand.jpg", "IMG_2041.jpg")
        assert found(project, "cafe") == ["Café am Strand.jpg"]
        assert found(project, "STRÄND") == ["Café am Strand.jpg"]
        assert found(project, "2041") == ["IMG_2041.jpg"]

    @pytest.mark.parametrize("key", ["", "name:", "note:"])
    @pytest.mark.parametrize("strange", ["\x00", "\ud800"])
    def test_characters_that_no_database_takes_are_none(self, project, key, strange):
        assert found(project, f"{key}a{strange}b") == []

    def test_all_must_be_there_by_their_beginnings(self, project):
        named(project, "garden party.jpg", "garden shed.jpg")
        assert found(project, "gard par") == ["garden party.jpg"]

    def test_a_letter_may_be_wrong_where_nothing_has_the_very_word(self, project):
        named(project, "garden.jpg")
        assert found(project, "gadren") == ["garden.jpg"]
        assert found(project, "kitchen") == []

    def test_are_looked_for_in_notes(self, project):
        image, _ = named(project, "1.jpg", "2.jpg")
        image_services.set_note(image=image, note="Behind Grandma's house")
        assert found(project, "grandma") == found(project, "note:behind") == ["1.jpg"]

    def test_find_what_the_general_model_sees_the_surest_first(self, project):
        unsure, sure, _ = named(project, "1.jpg", "2.jpg", "3.jpg")
        dog_at(unsure, 0.3)
        dog_at(sure, 0.9)
        for typed in ("dog", "dogs", "tag:dog", "puppy"):
            assert found(project, typed) == ["2.jpg", "1.jpg"]

    def test_find_what_shows_a_concept_unless_somebody_said_no(self, project):
        rex = ConceptFactory(project=project, name="My Rex")
        said, seen, denied, _ = named(project, "1.jpg", "2.jpg", "3.jpg", "4.jpg")
        LabelFactory(image=said, concept=rex)
        PredictionFactory(image=seen, concept=rex, probability=0.9)
        PredictionFactory(image=denied, concept=rex, probability=0.9)
        LabelFactory(image=denied, concept=rex, is_positive=False)
        assert set(found(project, "my rex")) == {"1.jpg", "2.jpg"}

    def test_never_come_from_another_project(self, project):
        named(ProjectFactory(), "garden.jpg")
        assert found(project, "garden") == []


class TestConditions:
    def test_how_likely_a_concept_is(self, project):
        rex = ConceptFactory(project=project, name="My dog")
        for image, p in zip(named(project, "1.jpg", "2.jpg"), (0.2, 0.9), strict=True):
            PredictionFactory(image=image, concept=rex, probability=p)
        for q in ('"my dog">0.8', '"My dog" >= 80%', '-"my dog"<0.5', 'is:"my dog"'):
            assert found(project, q) == ["2.jpg"], q

    def test_labels(self, project):
        rex = ConceptFactory(project=project, name="Rex")
        yes, no, _ = named(project, "yes", "no", "none")
        LabelFactory(image=yes, concept=rex)
        LabelFactory(image=no, concept=rex, is_positive=False)
        assert found(project, "label:rex") == ["yes"]
        assert found(project, "not:rex") == ["no"]
        assert found(project, "label:none") == ["none"]
        assert found(project, "-label:rex") == ["none", "no"]

    def test_dates(self, project):
        for year, month in ((2023, 12), (2024, 6), (2024, 8)):
            taken_at = datetime(year, month, 21, tzinfo=UTC)
            named(project, f"{year}-{month}", taken_at=taken_at)
        named(project, "undated")
        assert found(project, "taken:2024") == ["2024-8", "2024-6"]
        assert found(project, "taken:2024-06") == ["2024-6"]
        assert found(project, "taken:2023-12..2024-07") == ["2024-6", "2023-12"]
        assert found(project, "taken:>2023") == ["2024-8", "2024-6"]
        assert found(project, "taken:2024-06-22") == []
        assert len(found(project, "added:>2000")) == 4

    def test_either_or_in_brackets(self, project):
        named(project, "a1.jpg", "b1.jpg", "b2.jpg", "c1.jpg")
        assert found(project, "(name:a OR name:b) -name:2") == ["b1.jpg", "a1.jpg"]

    def test_status(self, project):
        named(project, "torn", status="failed")
        named(project, "fine")
        assert found(project, "status:failed") == ["torn"]

    def test_likeness_with_other_conditions(self, project):
        images = named(project, *"abcd")
        for image, group in zip(images, (1, 1, 1, 2), strict=True):
            EmbeddingFactory(image=image, group=group)
        assert found(project, f"near:{images[0].pk}")[0] == "a"
        assert found(project, f"near:{images[0].pk}")[3] == "d"
        q = f"near:{images[0].pk},{images[1].pk} -near:{images[3].pk} -name:b"
        assert set(found(project, q)[:2]) == {"a", "c"}

    def test_an_order(self, project):
        rex = ConceptFactory(project=project, name="Rex")
        for image, p in zip(named(project, "no", "unsure", "yes"), (0.1, 0.5, 0.9), strict=True):
            PredictionFactory(image=image, concept=rex, probability=p)
        assert found(project, "rex>0 sort:likely") == ["yes", "unsure", "no"]
        assert found(project, "sort:uncertain", concept="Rex")[0] == "unsure"
        assert found(project, "sort:oldest")[0] == "no"


class TestMistakes:
    @pytest.mark.parametrize(
        ("q", "wrong"),
        [
            ("dog lable:rex", "lable"),
            ("dog rex>2", "rex>2"),
            ("label:rxe", "label:rxe"),
            ("rxe>0.5", "rxe>0.5"),
            ("taken:summer", "taken:summer"),
            ("status:odd", "status:odd"),
            ("near:x", "near:x"),
            ("sort:odd", "sort:odd"),
            ("sort:similar", "sort:similar"),
            ("tag:qqqqqq", "tag:qqqqqq"),
            ("dog (cat", "("),
            ("dog cat)", ")"),
            ('dog "cat', '"'),
            ("dog OR", "OR"),
            ("dog -", "-"),
            ("tag: dog", "tag:"),
            ("dog OR near:3", "near:3"),
            ("sort:newest sort:oldest", "sort:oldest"),
        ],
    )
    def test_say_where_they_are(self, project, q, wrong):
        ConceptFactory(project=project, name="Rex")
        with pytest.raises(BadQuery) as caught:
            found(project, q)
        position, length = (caught.value.details[key] for key in ("position", "length"))
        assert q[position : position + length] == wrong

    def test_offer_what_was_meant(self, project):
        ConceptFactory(project=project, name="Rex")
        for q, meant in (
            ("lable:a", "label:Rex"),
            ("label:rexx", "Rex"),
            ("tag:elefant", "elephant"),
        ):
            with pytest.raises(BadQuery) as caught:
                found(project, q)
            assert meant in caught.value.message

    @pytest.mark.parametrize(
        ("there", "said"),
        [
            (["Alpine hut", "Lake", "Shut"], "Did you mean “Alpine hut” or “Shut”?"),
            (["Lake"], "There is “Lake”."),
            (["Forest", "Lake"], "There are “Forest”, “Lake”."),
            ([f"Lake {number}" for number in range(9)], "“Lake 7”, …"),
            ([], "There is no concept “hut”."),
        ],
    )
    def test_say_which_concepts_there_are(self, project, there, said):
        for name in there:
            ConceptFactory(project=project, name=name)
        with pytest.raises(BadQuery) as caught:
            found(project, "label:hut")
        assert caught.value.message.endswith(said)

    @settings(deadline=None)
    @given(st.text(alphabet='abx:"()<>=-. ,%0198OR\u00e4', max_size=40))
    def test_whatever_is_typed_is_understood_or_refused(self, text):
        position = 0
        try:
            parse(text)
        except BadQuery as error:
            position = error.details["position"]
        assert 0 <= position <= len(text)

    def test_a_picture_that_is_not_there(self, project):
        with pytest.raises(Invalid):
            found(project, "near:12")


class TestFolding:
    def test_near_duplicates_stand_behind_the_first_that_matches(self, project):
        first, _, _ = named(project, "a1.jpg", "b1.jpg", "b2.jpg")
        alone = ImageFactory(project=project, filename="alone.jpg")
        project.images.exclude(pk=alone.pk).update(group=first.pk)
        page = gallery.page(project, Query(fold=True))
        assert [(i.filename, i.group_size) for i in page.items] == [("alone.jpg", 1), ("a1.jpg", 3)]
        assert page.total == 2
        assert found(project, "name:b", fold=True) == ["b1.jpg"]
        assert len(found(project, f"group:{first.pk}")) == 3


class TestSavedSearches:
    def test_are_listed_with_what_they_find(self, project):
        named(project, "garden.jpg", "street.jpg")
        user = UserFactory()
        search_services.save(project=project, user=user, name="Gardens", query="garden")
        concept = ConceptFactory(project=project, name="Rex")
        search_services.save(project=project, user=user, name="Rex", query="label:rex")
        concept.delete()
        counts = {one.saved.name: one.count for one in searches.counted(project)}
        assert counts == {"Gardens": 1, "Rex": None}

    def test_are_counted_in_as_many_queries_however_many_they_are(
        self, project, django_assert_num_queries
    ):
        first, *_ = pictures = named(project, "garden.jpg", "garden2.jpg", "street.jpg")
        for picture in pictures[:2]:
            EmbeddingFactory(image=picture)
        ConceptFactory(project=project, name="Rex")
        user = UserFactory()
        queries = {
            "": 3, "garden": 2, "gardn": 2, "-gardn": 1, "garden OR street": 3, "label:none": 3,
            "label:rex": 0, "is:rex sort:likely": 0, f"near:{first.pk}": 2, "near:999999999": None,
            f"near:{first.pk} street": 0, "nothing": 0,
        }  # fmt: skip
        for query in queries:
            search_services.save(project=project, user=user, name=f"“{query}”", query=query)
        # the searches, the concepts, which words are there, known words, pictures that others
        # should be like, all counts
        with django_assert_num_queries(6):
            counts = {one.saved.query: one.count for one in searches.counted(project)}
        assert counts == queries

    def test_must_make_sense_and_have_a_name_of_their_own(self, project):
        user = UserFactory()
        search_services.save(project=project, user=user, name="All", query="")
        with pytest.raises(Conflict):
            search_services.save(project=project, user=user, name="All", query="")
        with pytest.raises(BadQuery):
            search_services.save(project=project, user=user, name="Bad", query="(")


def test_the_number_of_queries_does_not_grow_with_the_pictures(project, django_assert_num_queries):
    for image in named(project, *[f"garden{n}.jpg" for n in range(20)]):
        dog_at(image, 0.5)
    # names of concepts; which words are there; pictures, labels, predictions, total
    with django_assert_num_queries(6):
        gallery.page(project, Query(q="garden dog", fold=True))
