"""A person and their project, which most tests of the app begin with."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests.factories import ProjectFactory, UserFactory
from webapp.selectors import sign_indexes


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def project(user):
    return ProjectFactory(owner=user)


@pytest.fixture
def large_from(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], None]]:
    """Have projects of more vectors than a few count as large; their indexes go with the test."""
    yield lambda count: monkeypatch.setattr(sign_indexes, "EXACT_UP_TO", count)
    with connection.cursor() as cursor:
        for index in sign_indexes.there():
            cursor.execute(f"DROP INDEX {index.name}")
