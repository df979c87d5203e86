"""Labels are set all or nothing, and concepts come to be by being named."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    ConceptFactory,
    ImageFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
    UserFactory,
)
from webapp.embedded.programs import wait_until
from webapp.errors import Conflict, Invalid, NotFound
from webapp.models import Concept, Image, Label, Prediction
from webapp.services import concepts, labels, locks
from webapp.services.labels import Change

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


def set_labels(project, *changes):
    return labels.set_labels(
        project=project, user=UserFactory(), changes=[Change(*change) for change in changes]
    )


def label_and_hang_up(project, image, name):
    try:
        set_labels(project, (image.pk, name, True))
    finally:
        connection.close()


def somebody_waits_for_a_lock():
    """Whether somebody waits for what this connection holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0]


@contextmanager
def waiting_for(rows, work):
    """Hold rows while the body runs, and somebody else's work that needs them waits."""
    with waiting_while(lambda: list(rows.select_for_update(no_key=True)), work):
        yield


@contextmanager
def waiting_while(hold, work):
    """Hold something while the body runs, and somebody else's work that needs it waits."""

    def work_and_hang_up():
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold()
            working = pool.submit(work_and_hang_up)
            assert wait_until(somebody_waits_for_a_lock, timeout_seconds=60)
            yield
        working.result(timeout=60)


class TestSetLabels:
    def test_a_new_concept_is_made_by_its_first_label(self, project):
        image = ImageFactory(project=project)
        [concept] = set_labels(project, (image.pk, "Rex", True))
        assert (concept.name, Label.objects.get().value) == ("Rex", "positive")

    def test_the_case_of_a_name_does_not_matter(self, project):
        first, second = ImageFactory.create_batch(2, project=project)
        set_labels(project, (first.pk, "Rex", True), (second.pk, "REX", False))
        assert Concept.objects.count() == 1
        assert sorted(Label.objects.values_list("is_positive", flat=True)) == [False, True]

    def test_the_last_word_on_a_picture_counts(self, project):
        image = ImageFactory(project=project)
        set_labels(project, (image.pk, "Rex", True), (image.pk, "Rex", False))
        assert Label.objects.get().value == "negative"
        set_labels(project, (image.pk, "Rex", True))
        assert Label.objects.get().value == "positive"

    def test_taking_back_what_was_never_said_makes_no_concept(self, project):
        image = ImageFactory(project=project)
        set_labels(project, (image.pk, "Rex", None))
        assert not Concept.objects.exists()

    def test_nothing_takes_a_label_back(self, project):
        image = ImageFactory(project=project)
        set_labels(project, (image.pk, "Rex", True))
        set_labels(project, (image.pk, "Rex", None))
        assert not Label.objects.exists()

    def test_one_strange_picture_and_nothing_is_changed(self, project):
        mine, strange = ImageFactory(project=project), ImageFactory()
        with pytest.raises(NotFound) as caught:
            set_labels(project, (mine.pk, "Rex", True), (strange.pk, "Rex", True))
        assert caught.value.details == {"images": [strange.pk]}
        assert not Label.objects.exists()
        assert not Concept.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_a_concept_that_is_deleted_at_this_moment_is_told(self, project):
        concept, image = ConceptFactory(project=project), ImageFactory(project=project)
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                concepts.delete(concept=concept, user=concept.project.members.first())
                labelling = pool.submit(label_and_hang_up, project, image, concept.name)
                assert wait_until(somebody_waits_for_a_lock, timeout_seconds=60)
            with pytest.raises(Conflict) as caught:
                labelling.result(timeout=60)
        assert caught.value.code == "concept_deleted"
        assert not Label.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_one_and_many_hold_rows_in_the_same_order(self, project, user):
        concept, image = ConceptFactory(project=project), ImageFactory(project=project)

        def label_many():
            found = Image.objects.filter(pk=image.pk)
            labels.set_many(
                project=project, user=user, images=found, concept=concept.name, is_positive=True
            )

        with waiting_for(Image.objects.filter(pk=image.pk), label_many):
            # As `set_labels` would hold it now; were it taken, both would wait for ever.
            assert Concept.objects.select_for_update(nowait=True).get() == concept

    @pytest.mark.django_db(transaction=True)
    def test_a_concept_stays_while_predictions_of_it_are_written(self, project):
        concept = ConceptFactory(project=project)

        def write():
            locks.hold_predictions(project.pk, is_shared=True)
            locks.hold_concepts(project.pk)
            PredictionFactory(image=ImageFactory(project=project), concept=concept)

        with waiting_while(
            write, lambda: concepts.delete(concept=concept, user=concept.project.members.first())
        ):
            assert Prediction.objects.count() == 1
        assert Prediction.objects.count() == 0

    @pytest.mark.django_db(transaction=True)
    def test_who_deletes_a_concept_waits_before_its_labels_are_held(self, project):
        label = LabelFactory(
            concept=ConceptFactory(project=project), image=ImageFactory(project=project)
        )
        held = Concept.objects.filter(pk=label.concept_id)
        with waiting_for(
            held, lambda: concepts.delete(concept=label.concept, user=project.members.first())
        ):
            assert Label.objects.select_for_update(nowait=True).get() == label

    def test_every_change_makes_the_version_older(self, project):
        image = ImageFactory(project=project)
        set_labels(project, (image.pk, "Rex", True))
        project.refresh_from_db()
        assert project.labels_revision == 1

    def test_the_number_of_queries_does_not_grow_with_the_labels(
        self, project, django_assert_max_num_queries
    ):
        images = ImageFactory.create_batch(60, project=project)
        with CaptureQueriesContext(connection) as for_two:
            set_labels(project, *[(image.pk, "Rex", True) for image in images[:2]])
        with django_assert_max_num_queries(len(for_two)):
            set_labels(project, *[(image.pk, "Rex", False) for image in images])


class TestConcepts:
    def test_a_name_is_taken_once(self, project):
        concepts.create(project=project, name="Rex")
        with pytest.raises(Conflict):
            concepts.create(project=project, name=" rex ")

    def test_one_rule_says_what_the_same_name_is(self, project):
        first, second = (image.pk for image in ImageFactory.create_batch(2, project=project))
        set_labels(project, (first, "izmir", True), (second, "İzmir", True))
        assert Concept.objects.count() == 2  # they fold differently: two concepts, no error
        with pytest.raises(Conflict):
            concepts.update(concept=Concept.objects.get(name="izmir"), name="İZMIR")

    def test_a_script_is_a_name_like_any_other(self, project):
        assert concepts.create(project=project, name="<script>").name == "<script>"

    @pytest.mark.parametrize("name", ["", "  ", "\n", "\x00", "a" * 101])
    def test_a_name_that_is_none_is_refused(self, project, name):
        with pytest.raises(Invalid):
            concepts.create(project=project, name=name)

    def test_there_is_a_limit(self, project, settings):
        settings.MAX_CONCEPTS_PER_PROJECT = 3
        concepts.find_or_create(project=project, names=["a", "b", "c"])
        with pytest.raises(Invalid) as caught:
            concepts.create(project=project, name="d")
        assert caught.value.code == "too_many_concepts"

    def test_removing_one_removes_its_labels(self, project):
        concept = ConceptFactory(project=project)
        LabelFactory(concept=concept, image=ImageFactory(project=project))
        concepts.delete(concept=concept, user=concept.project.members.first())
        assert not Label.objects.exists()
