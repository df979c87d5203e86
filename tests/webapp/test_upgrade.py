"""What an earlier Pupil left is taken over whole; no migration stops those who are at work."""

import io
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from pgvector import HalfVector

from tests.upgrade import __main__ as dumps
from webapp.embedded import paths

DUMPS = sorted(dumps.FOLDER.glob("*.sql"))
DATABASE = "pupil_upgraded"
_COUNT = "SELECT count(*) FROM {}"
# Before anybody had tables that were large: they may do what later ones may not.
FIRST_JUDGED = 18

_DANGEROUS = {
    "an index on a table that is there is built CONCURRENTLY, apart (atomic = False)": re.compile(
        r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON \"?(?P<table>\w+)"
    ),
    "a column that must be filled needs a default that the database knows (db_default)": re.compile(
        r"ALTER TABLE \"?(?P<table>\w+)\"? ADD COLUMN (?!.*\bDEFAULT\b)[^,;]*NOT NULL"
    ),
    "SET NOT NULL reads the whole table: add a CHECK … NOT VALID, validate it, then set it": (
        re.compile(r"ALTER TABLE \"?(?P<table>\w+)\"? ALTER COLUMN \S+ SET NOT NULL")
    ),
    "another type writes the whole table anew: add a column, fill it in batches, drop the old": (
        re.compile(r"ALTER TABLE \"?(?P<table>\w+)\"? ALTER COLUMN \S+ TYPE")
    ),
    "a constraint is added NOT VALID and validated in a migration after": re.compile(
        r"ALTER TABLE \"?(?P<table>\w+)\"? ADD CONSTRAINT (?!.*NOT VALID)"
    ),
    "rows are changed in batches, by a command or a sweep, not by a migration": re.compile(
        r"(?:UPDATE(?! OF)|DELETE FROM) \"?(?P<table>\w+)"
    ),
    "tables and columns that the last release reads are dropped one release later": re.compile(
        r"ALTER TABLE \"?(?P<table>\w+)\"? (?:RENAME|DROP COLUMN)"
    ),
}


def server() -> str:
    return settings.DATABASE_URL or paths.database_url(settings.PUPIL_HOME)


def url_of(database: str) -> str:
    return re.sub(r"^(\w+://[^/]*)/[^?]*", rf"\1/{database}", server())


@pytest.fixture
def fresh_database(databases):
    """An empty database beside the tests' own; yields its address."""
    with closing(psycopg2.connect(url_of("postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE}")
            yield url_of(DATABASE)
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def rows(cursor, query):
    cursor.execute(query)
    return cursor.fetchall()


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_an_earlier_installation_is_taken_over_whole(fresh_database, dump: Path):
    text = dump.read_text()
    written = {}
    for table in re.findall(r"^INSERT INTO public\.(webapp_\w+) ", text, flags=re.MULTILINE):
        written[table] = written.get(table, 0) + 1
    with closing(psycopg2.connect(fresh_database)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION vector")
            cursor.execute(text)
        environment = {**os.environ, "DATABASE_URL": fresh_database}
        environment |= {"DJANGO_SETTINGS_MODULE": "webapp.settings"}
        migrate = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity=0"]
        subprocess.run(migrate, cwd=settings.BASE_DIR, env=environment, check=True)
        with connection, connection.cursor() as cursor:
            cursor.execute("SET search_path TO public")
            found = {table: rows(cursor, _COUNT.format(table))[0][0] for table in written}
            assert found == written
            assert rows(cursor, "SELECT name, max_pictures FROM webapp_project") == [
                ("Pets of “yore”", None)
            ]
            labels = "SELECT image_id, is_positive, is_settled FROM webapp_label ORDER BY 1"
            said = rows(cursor, labels)
            assert [(is_it, is_settled) for _, is_it, is_settled in said] == [
                (True, False),
                (False, False),
            ]
            opinions = "SELECT image_id, is_positive FROM webapp_opinion ORDER BY 1"
            assert rows(cursor, opinions) == [(image, is_it) for image, is_it, _ in said]
            kept = "SELECT sum(pictures), sum(bytes) FROM webapp_usage"
            pictures = "SELECT count(*), sum(byte_size) FROM webapp_image"
            assert rows(cursor, kept) == rows(cursor, pictures)
            [vector, *_] = rows(cursor, "SELECT vector::text FROM webapp_embedding")
            assert HalfVector.from_text(vector[0]).to_list()[:2] == [1.0, 0.0]


def sql_of(name: str) -> str:
    out = io.StringIO()
    call_command("sqlmigrate", "webapp", name, stdout=out)
    return re.sub(r"^--.*$", "", out.getvalue(), flags=re.MULTILINE)


def dangers_in(sql: str) -> list[str]:
    """Return what would keep people waiting: long locks on tables that are there already."""
    new = set(re.findall(r"CREATE TABLE \"?(\w+)", sql))
    return [
        why
        for why, form in _DANGEROUS.items()
        for found in form.finditer(sql)
        if found["table"] not in new
    ]


@pytest.mark.django_db(transaction=True)  # what goes CONCURRENTLY is not even told in one
def test_no_migration_holds_a_lock_for_long():
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "webapp")
    judged = [name for name in names if int(name[:4]) >= FIRST_JUDGED]
    assert dangers_in(sql_of("0012_lives")) == []  # what is read of a real one
    assert {name: dangers for name in judged if (dangers := dangers_in(sql_of(name)))} == {}


@pytest.mark.parametrize(
    "sql",
    [
        'CREATE INDEX "x" ON "webapp_image" ("sha256");',
        'ALTER TABLE "webapp_image" ADD COLUMN "x" integer NOT NULL;',
        'ALTER TABLE "webapp_image" ALTER COLUMN "x" SET NOT NULL;',
        'ALTER TABLE "webapp_image" ALTER COLUMN "x" TYPE bigint USING "x"::bigint;',
        'ALTER TABLE "webapp_image" ADD CONSTRAINT "x" CHECK ("x" > 0);',
        "UPDATE webapp_image SET x = 1",
        'ALTER TABLE "webapp_image" DROP COLUMN "x" CASCADE;',
    ],
)
def test_what_does_is_known(sql):
    assert len(dangers_in(sql)) == 1
    table = 'CREATE TABLE "webapp_image" ("id" bigint);'
    assert dangers_in(table + sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        'CREATE INDEX CONCURRENTLY "x" ON "webapp_image" ("sha256");',
        'ALTER TABLE "webapp_image" ADD COLUMN "x" uuid NULL;',
        'ALTER TABLE "webapp_image" ADD COLUMN "x" boolean DEFAULT false NOT NULL;',
        'ALTER TABLE "webapp_image" ADD CONSTRAINT "x" CHECK ("x" > 0) NOT VALID;',
        'ALTER TABLE "webapp_image" VALIDATE CONSTRAINT "x";',
    ],
)
def test_what_does_not_is_let(sql):
    assert dangers_in(sql) == []
