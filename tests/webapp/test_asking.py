"""What is asked of the serve worker is answered, or refused in words fit to show."""

from types import SimpleNamespace

import pytest
from celery.exceptions import TimeoutError as CeleryTimeout
from django.core.files.base import ContentFile

from tests.factories import jpeg
from webapp.errors import Busy, Conflict, Invalid
from webapp.services import asking, line, predicting
from webapp.services.images import Upload


@pytest.fixture
def worker_does(monkeypatch):
    """Let a function be what the worker does: both ends of the wire, without the wire."""

    def does(work):
        told = asking.answering(work)()
        pending = SimpleNamespace(get=lambda **_: told)
        monkeypatch.setattr(asking.app, "send_task", lambda *_, **__: pending)

    return does


def test_nobody_waits_longer_than_they_said(monkeypatch):
    waited = []

    def get(*, timeout):
        waited.append(timeout)
        raise CeleryTimeout

    pending = SimpleNamespace(get=get)
    monkeypatch.setattr(asking.app, "send_task", lambda *_, **__: pending)
    with pytest.raises(Busy):
        asking.ask("task", patience_seconds=2)
    assert waited == [2]


def raising(error):
    def work():
        raise error

    return work


def test_an_answer_arrives_as_it_was_given(worker_does):
    worker_does(lambda: [1, 2])
    assert asking.ask("task") == [1, 2]


@pytest.mark.parametrize("kind", [Invalid, Conflict, Busy])
def test_what_is_wrong_with_a_question_is_told_as_it_was_said(worker_does, kind):
    worker_does(raising(kind("No such thing.", code="no_such_thing")))
    with pytest.raises(kind, match="No such thing") as raised:
        asking.ask("task")
    assert raised.value.code == "no_such_thing"


def test_a_worker_that_breaks_is_no_answer_just_now(worker_does):
    worker_does(raising(ValueError("shapes differ")))
    with pytest.raises(Busy) as raised:
        asking.ask("task")
    assert "shapes" not in raised.value.message


def test_of_a_picture_that_nobody_could_look_at_now_the_asker_hears_503(monkeypatch):
    broke = {"error": {"code": asking.busy().code, "message": asking.busy().message}}
    monkeypatch.setattr(line, "ask", lambda *_, **__: [broke])
    monkeypatch.setattr(predicting, "check_general", lambda: None)
    with pytest.raises(Busy):
        predicting.predict_uploads_generally([Upload("a.jpg", ContentFile(jpeg()))])
