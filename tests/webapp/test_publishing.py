"""Publishing while programs ask: every answer is of one version, and none fails."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.factories import jpeg
from tests.webapp.test_teaching import all_indexed, at_rest, shapes, train, upload, wait_for
from webapp.models import VersionEvent
from webapp.services import accounts, labels
from webapp.services.labels import Change

pytestmark = pytest.mark.usefixtures("transactional_db")

PREDICTS, AT_ONCE, PUBLISHED = 200, 16, 20


@pytest.fixture
def api(site, user):
    _, key = accounts.create_token(user=user, name="test")
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=AT_ONCE + 1)
    with httpx.Client(
        base_url=f"{site}/api/v1", headers=headers, timeout=60, limits=limits, trust_env=False
    ) as client:
        yield client


def test_answers_while_versions_are_published(worker, api, project, user):
    discs = upload(project, user, *shapes("disc", 3), concepts=["disc"])
    squares = upload(project, user, *shapes("square", 3))
    wait_for(project, all_indexed(project))
    train(project, user)
    marks = [Change(image.pk, "square", True) for image in squares]
    labels.set_labels(project=project, user=user, changes=marks)
    train(project, user)

    path = f"/projects/{project.pk}/predict"
    file = {"file": ("new.jpg", jpeg("gold", shape="disc", seed=7))}
    by_id = {"json": {"images": [discs[0].pk, squares[0].pk]}}
    asked = [{"files": file}, by_id]
    expected = {
        (version, kind): answer_of(api.post(f"{path}?version={version}", **asked[kind]))
        for version in (1, 2)
        for kind in (0, 1)
    }
    wait_for(project, at_rest(project))
    publish(api, project, 1)
    has_begun = threading.Event()

    def predict(number):
        has_begun.set()
        kind = number % 2
        response = api.post(path, **asked[kind])
        assert response.status_code == 200, response.text
        version = response.json()["version"]
        assert answer_of(response) == expected[version, kind]
        return version

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [pool.submit(predict, number) for number in range(PREDICTS)]
        has_begun.wait()
        for number in range(PUBLISHED):
            publish(api, project, 2 - number % 2)
        versions = [answer.result() for answer in answers]
    assert len(versions) == PREDICTS
    assert set(versions) == {1, 2}
    published = VersionEvent.objects.filter(kind=VersionEvent.Kind.STAGE, details__to="live")
    assert published.count() == PUBLISHED + 1


def publish(api, project, number):
    answer = api.patch(f"/projects/{project.pk}/versions/{number}", json={"stage": "live"})
    assert answer.json()["stage"] == "live", answer.text


def answer_of(response):
    """Return what was said, without who said it."""
    return response.json()["results"]
