"""Pictures that somebody waits for stand in a line: taken together, answered each, never kept."""

import threading

import pytest
import redis
from django.conf import settings

from tests.factories import ProjectFactory, VersionFactory, jpeg
from webapp import learning, scratch
from webapp.embedded import paths
from webapp.errors import Busy, TooManyRequests
from webapp.services import line, looking, serving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("databases")]


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """Have a line of our own: a worker that other tests started would take from the real one."""
    monkeypatch.setattr(line, "_WAITING", "line:tests")
    scratch.client().flushdb()


def asking(*pictures, **options):
    """Ask in a thread; return it and where its answers will be."""
    answers = []
    thread = threading.Thread(target=lambda: answers.extend(line.ask(pictures, **options)))
    thread.start()
    return thread, answers


def test_all_that_wait_are_taken_together_and_each_asker_gets_its_own():
    askers = [asking(b"a", b"b"), asking(b"c", version_id=7)]
    waiting = []
    while len(waiting) < 3:
        waiting += line.take(8, timeout_seconds=1)
    line.answer([(one, {"said": one.data.decode(), "of": one.version_id}) for one in waiting])
    for thread, _ in askers:
        thread.join()
    assert [answers for _, answers in askers] == [
        [{"said": "a", "of": None}, {"said": "b", "of": None}],
        [{"said": "c", "of": 7}],
    ]


def test_a_long_line_turns_people_away_and_says_when_to_come_back(monkeypatch):
    monkeypatch.setattr(line, "MAX_WAITING", 2)
    monkeypatch.setattr(line, "TIMEOUT_SECONDS", 0.05)
    with pytest.raises(Busy):
        line.ask([b"a", b"b"])
    with pytest.raises(TooManyRequests) as refusal:
        line.ask([b"c"])
    assert refusal.value.retry_after_seconds == 1


def test_those_who_wait_leave_threads_for_pages(monkeypatch):
    monkeypatch.setattr(line, "MAX_ASKERS", 1)
    thread, answers = asking(b"a")
    waiting = line.take(8, timeout_seconds=60)
    with pytest.raises(TooManyRequests):
        line.ask([b"b"])
    line.answer([(one, {}) for one in waiting])
    thread.join()
    assert answers == [{}]
    thread, answers = asking(b"b")
    line.answer([(one, {}) for one in line.take(8, timeout_seconds=60)])
    thread.join()
    assert answers == [{}]


def never_read():
    """Pictures that the test may not see read."""
    raise AssertionError("a picture was read")
    yield


def test_who_is_turned_away_has_no_picture_read(monkeypatch):
    monkeypatch.setattr(line, "MAX_ASKERS", 0)
    with pytest.raises(TooManyRequests):
        line.ask(never_read())
    monkeypatch.undo()
    monkeypatch.setattr(line, "MAX_WAITING", 0)
    with pytest.raises(TooManyRequests):
        line.ask(never_read())


def test_so_many_bytes_join_at_once_and_no_more(monkeypatch):
    monkeypatch.setattr(line, "MAX_JOINING_BYTES", 10)
    monkeypatch.setattr(line, "TIMEOUT_SECONDS", 0.05)
    refused = []

    def first():
        with pytest.raises(TooManyRequests) as refusal:
            line.ask(never_read(), byte_size=1)
        refused.append(refusal.value.code)
        yield b"a" * 10

    for _ in range(2):  # the room is free again afterwards
        with pytest.raises(Busy):
            line.ask(first(), byte_size=10)
    assert refused == ["too_many_requests"] * 2


def test_a_lane_in_which_nobody_answers_leaves_others_their_turn(monkeypatch, settings):
    settings.SERVE_ROUTES = {12: "rex"}
    monkeypatch.setattr(line, "MAX_ASKERS", 6)
    stuck = [asking(b"stuck", lane="rex") for _ in range(4)]
    while scratch.client().llen(f"{line._WAITING}:rex") < 4:
        pass
    with pytest.raises(TooManyRequests):
        line.ask([b"one more"], lane="rex")
    thread, answers = asking(b"a")
    line.answer([(one, {}) for one in line.take(8, timeout_seconds=60)])
    line.answer([(one, {}) for one in line.take(8, timeout_seconds=60, lanes=["rex"])])
    for waiting, _ in [(thread, answers), *stuck]:
        waiting.join()
    assert answers == [{}]


def test_memory_that_is_full_turns_people_away_too(monkeypatch):
    def full(line, items):
        raise redis.OutOfMemoryError

    monkeypatch.setattr(line, "_join", full)
    with pytest.raises(TooManyRequests):
        line.ask([b"a"])


def test_nobody_looks_at_a_picture_whose_asker_has_gone(monkeypatch):
    monkeypatch.setattr(line, "TIMEOUT_SECONDS", 0.05)
    with pytest.raises(Busy):
        line.ask([b"a"])
    assert line.take(8, timeout_seconds=1) == []


def test_what_is_left_in_the_line_dies_by_itself(monkeypatch):
    monkeypatch.setattr(line, "TIMEOUT_SECONDS", 0.05)
    with pytest.raises(Busy):
        line.ask([b"a"])
    assert all(scratch.client().ttl(key) > 0 for key in scratch.client().scan_iter())


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="somebody else's server")
def test_no_picture_reaches_a_disk():
    thread, _ = asking(b"private" * 1000)
    waiting = line.take(1, timeout_seconds=60)
    assert not list(paths.scratch_data(settings.PUPIL_HOME).iterdir())
    assert b"private" not in b"".join(
        file.read_bytes() for file in paths.valkey_data(settings.PUPIL_HOME).rglob("*.aof")
    )
    line.answer([(waiting[0], {})])
    thread.join()


def waiting_for(*pictures, version_id=None):
    return [line.Waiting(data, version_id, "me", place) for place, data in enumerate(pictures)]


@pytest.fixture
def decoded(monkeypatch):
    """Count what is decoded; every picture has the same vector."""
    import numpy as np

    seen = []
    monkeypatch.setattr(learning, "decode", lambda file: seen.append(file.read()) or seen[-1])
    monkeypatch.setattr(serving, "embed", lambda *asked: {key: np.ones(3) for key in asked[-1]})
    return seen


def test_the_same_picture_is_looked_at_once(decoded):
    picture = jpeg()
    for _ in range(3):
        [(_, said)] = looking.look(waiting_for(picture))
        assert said == {"vector": [1.0, 1.0, 1.0]}
    assert len(decoded) == 1


def test_one_batch_that_breaks_leaves_the_others_their_answers(decoded):
    broken = waiting_for(jpeg(), version_id=VersionFactory(project=ProjectFactory()).pk)
    answers = looking.look([*broken, *waiting_for(jpeg())])
    assert {("error" in said, "vector" in said) for _, said in answers} == {
        (True, False),
        (False, True),
    }


def test_a_version_that_is_gone_is_told(decoded):
    [(_, said)] = looking.look(waiting_for(jpeg(), version_id=0))
    assert said["error"]["code"] == "version_gone"
