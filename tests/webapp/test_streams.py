"""A stream of events ends with the right to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client

from tests.factories import UserFactory
from webapp.api import events, streams
from webapp.models import Membership, User
from webapp.services import accounts, members, projects

TIMEOUT_SECONDS = 10


def request_of(*, session: str | None = None, key: str = "") -> HttpRequest:
    """Return what a page, or a program, asked for a stream with, as the middleware leaves it."""
    request = HttpRequest()
    request.method = "GET"
    request.session = Client().session.__class__(session)
    request.META["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    request.user = get_user(request)
    return request


def by_session(user: User) -> HttpRequest:
    client = Client()
    client.force_login(user)
    request = request_of(session=client.session.session_key)
    del request.META["HTTP_AUTHORIZATION"]
    return request


def heard(request: HttpRequest, project_id: int, *changes: Callable[[], object]) -> list[str]:
    """Listen until the stream ends; change something once it is subscribed, and at every event."""
    waiting = list(changes)

    async def listen() -> list[str]:
        told: list[str] = []
        async for part in await events.project_events(request, project_id):
            told.append(part.decode())
            if part.startswith(b"event") and len(told) > 1 and waiting:
                await asyncio.to_thread(waiting.pop(0))
        return told

    async def in_time() -> list[str]:
        return await asyncio.wait_for(listen(), TIMEOUT_SECONDS)

    # In a thread of its own: where browser tests ran before, this one has Playwright's event loop.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, in_time()).result()


def let_go(owner, project, friend):
    """Return what ends somebody's part in a project."""
    member = Membership.objects.get(project=project, user=friend)
    return lambda: members.remove(project=project, user=owner, member_id=member.pk)


@pytest.mark.django_db(transaction=True)
class TestStreams:
    @pytest.fixture
    def friend(self, project):
        friend = UserFactory()
        Membership.objects.create(project=project, user=friend, role="viewer")
        return friend

    def test_ends_for_a_member_who_is_let_go(self, user, project, friend):
        told = heard(by_session(friend), project.pk, let_go(user, project, friend))
        assert not [one for one in told if "members" in one]

    def test_ends_with_the_project(self, user, project):
        heard(by_session(user), project.pk, lambda: projects.erase(project=project, user=user))

    @pytest.mark.parametrize("way", ["token", "session", "account"])
    def test_ends_without_an_event(self, user, project, friend, monkeypatch, way):
        monkeypatch.setattr(streams, "KEEP_ALIVE_SECONDS", 0.05)
        monkeypatch.setattr(streams, "LOOK_AGAIN_SECONDS", 0.1)
        token, key = accounts.create_token(user=friend, name="camera")
        request = request_of(key=key) if way == "token" else by_session(friend)
        changes = {
            "token": lambda: accounts.revoke_token(user=friend, token_id=token.pk),
            "session": lambda: type(request.session)(request.session.session_key).delete(),
            "account": lambda: User.objects.filter(pk=friend.pk).update(is_active=False),
        }
        heard(request, project.pk, changes[way])

    def test_goes_on_for_others(self, user, project, friend):
        told = heard(
            by_session(user),
            project.pk,
            let_go(user, project, friend),
            lambda: projects.erase(project=project, user=user),
        )
        assert [one for one in told if "members" in one]
