"""Large projects get an index of their signs while people go on; what is of no use goes."""

import threading
from contextlib import closing

import psycopg2
import pytest
from django.db import OperationalError, connection

from tests.factories import EmbeddingFactory, ImageFactory, ProjectFactory
from webapp import events, learning
from webapp.models import Embedding, Image
from webapp.selectors import search, sign_indexes
from webapp.selectors.sign_indexes import SignIndex, lists_for
from webapp.services import locks, projects
from webapp.services import sign_indexes as tending
from webapp.tasks import housekeeping, transfer

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 40


@pytest.fixture(autouse=True)
def _small(large_from, monkeypatch):
    large_from(LIMIT)
    monkeypatch.setattr(sign_indexes, "_LEAST_LISTS", 2)


@pytest.fixture
def large(user):
    return filled(ProjectFactory(owner=user), LIMIT + 1)


@pytest.fixture
def elsewhere(large):
    """Another session, as another worker has."""
    connected = {key: connection.settings_dict[key] for key in ("HOST", "PORT", "USER", "PASSWORD")}
    address = {key.lower(): value for key, value in connected.items() if value}
    with closing(psycopg2.connect(dbname=connection.settings_dict["NAME"], **address)) as other:
        yield other


def filled(project, count):
    for image in ImageFactory.create_batch(count, project=project):
        EmbeddingFactory(image=image)
    return project


def index_of(project, lists=2):
    return SignIndex(project.pk, learning.fingerprint(), lists)


def tend():
    while tending.tend():
        pass
    return sign_indexes.there()


def half_made(project, other):
    """Have an index broken off: it waits for the other's writing, and is cancelled."""
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE webapp_embedding IN ROW EXCLUSIVE MODE")
    with connection.cursor() as cursor, connection.schema_editor(atomic=False) as editor:
        cursor.execute("SET lock_timeout = 200")
        definition = index_of(project).definition
        with pytest.raises(OperationalError):
            editor.execute(definition.create_sql(Embedding, editor, concurrently=True))
    connection.close()
    other.rollback()


class TestMaking:
    def test_a_project_that_grows_over_the_limit_gets_one(self, large):
        small = filled(ProjectFactory(), LIMIT)
        assert tend() == {index_of(large): True}
        filled(small, 1)
        assert tend() == {index_of(large): True, index_of(small): True}

    def test_one_at_a_time_so_that_others_get_their_turn(self, large):
        filled(ProjectFactory(), LIMIT + 1)
        assert [tending.tend() for _ in range(3)] == [True, True, False]

    def test_two_workers_make_one(self, large):
        together, said = threading.Barrier(2), []

        def work():
            together.wait()
            said.append(tending.tend())

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(said) == [False, True]
        assert sign_indexes.there() == {index_of(large): True}

    def test_what_another_is_making_is_left_alone(self, large, elsewhere):
        half_made(large, elsewhere)
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [locks._INDEXES])
        assert not tending.tend()
        assert sign_indexes.there() == {index_of(large): False}

    def test_a_project_that_grows_on_gets_one_of_more_lists_in_its_place(self, large):
        tend()
        filled(large, 4 * LIMIT)
        assert tending.tend()
        assert sign_indexes.there() == {index_of(large, 2): True, index_of(large, 4): True}
        assert tending.tend()
        assert sign_indexes.there() == {index_of(large, 4): True}
        assert not tending.tend()

    def test_where_the_database_refuses_all_are_looked_at(self, large, caplog):
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE insufficient_privilege; END $$;"
                " CREATE EVENT TRIGGER refused ON ddl_command_start WHEN TAG IN ('CREATE INDEX')"
                " EXECUTE FUNCTION refuse()"
            )
        try:
            for _ in range(2):
                assert not tending.tend()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP EVENT TRIGGER refused; DROP FUNCTION refuse()")
        [told] = caplog.messages  # it is not tried again until later
        assert index_of(large).name in told
        assert len(search.like_vector(large, [1.0], limit=10)) == 10


class TestMending:
    def test_one_that_was_broken_off_is_made_anew(self, large, elsewhere):
        half_made(large, elsewhere)
        assert sign_indexes.there() == {index_of(large): False}
        assert tend() == {index_of(large): True}

    def test_one_that_was_broken_off_answers_nobody(self, large, elsewhere):
        half_made(large, elsewhere)
        assert sign_indexes.whole_ones() == []

    def test_what_somebody_else_made_is_let(self, large):
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE INDEX {index_of(large).name}_ccnew ON webapp_embedding (image_id)"
            )
        assert tend() == {index_of(large): True}
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {index_of(large).name}_ccnew")


class TestDropping:
    def test_goes_with_its_project(self, large, user):
        tend()
        projects.erase(project=large, user=user)
        assert tend() == {}

    def test_goes_when_few_are_left(self, large):
        tend()
        keys = Image.objects.filter(project=large).order_by("pk").values_list("pk", flat=True)
        Image.objects.filter(pk__in=list(keys[LIMIT // 2 + 1 :])).delete()
        assert tend() == {index_of(large): True}
        Image.objects.filter(pk=keys[0]).delete()
        assert tend() == {}

    def test_goes_with_its_backbone(self, large, monkeypatch):
        tend()
        monkeypatch.setattr(learning, "fingerprint", lambda: "another")
        assert tend() == {}


class TestTheClock:
    def test_has_it_done_once_a_minute(self, databases, monkeypatch):
        wanted = []
        monkeypatch.setattr(transfer.tend_sign_indexes, "delay", lambda: wanted.append(1))
        events.client().delete("sign indexes:tended")
        housekeeping.sweep()
        housekeeping.sweep()
        assert wanted == [1]

    def test_wakes_a_worker_that_comes_back_for_the_next(self, large, monkeypatch):
        again = []
        monkeypatch.setattr(transfer.tend_sign_indexes, "delay", lambda: again.append(1))
        transfer.tend_sign_indexes()
        transfer.tend_sign_indexes()
        assert again == [1]


def test_lists_are_doubled_for_four_times_as_many(monkeypatch):
    monkeypatch.undo()
    counts = (10_001, 40_000, 40_001, 100_000, 160_001, 1_000_000)
    assert [lists_for(count) for count in counts] == [300, 300, 600, 600, 1200, 1200]
