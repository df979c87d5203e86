"""A person and their project, which most tests of the app begin with."""

import pytest

from tests.factories import ProjectFactory, UserFactory


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def project(user):
    return ProjectFactory(owner=user)
