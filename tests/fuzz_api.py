"""Every operation of the API, asked with whatever its schema allows and some that it does not.

    EXAMPLES=130 python -m pytest tests/fuzz_api.py      # that many for each operation

No answer may be a fault of ours. Not part of the suite: it takes minutes. No worker runs, so what
waits for one is told that it is busy.
"""

import os
import random

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from tests.factories import EmbeddingFactory, ImageFactory, LabelFactory
from tests.webapp.test_isolation import Victim
from webapp.models import Draft, Job, User, Version
from webapp.services import accounts, asking, jobs, line, teaching
from webapp.wsgi import application


@schemathesis.serializer("application/zip")
def _as_it_is(context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
_SHARE_OF_REAL_IDS = 0.8
asked = {"requests": 0}


@pytest.fixture
def victim(transactional_db, monkeypatch):
    for door in (asking, line):
        monkeypatch.setattr(door, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr("webapp.api.schemas.learning.MAX_WAIT_SECONDS", 0.05)
    return Living()


class Living:
    """A person with a project; another one where an example has deleted it."""

    def __init__(self):
        self.renew()

    def renew(self):
        User.objects.all().delete()
        self.one = Victim()
        self._teach()
        _, self.key = accounts.create_token(user=self.one.user, name="fuzz")

    def _teach(self):
        """Make a real version, as an example may ask what it says."""
        project, user = self.one.project, self.one.user
        self.one.version.delete()
        Job.objects.filter(project=project).delete()
        Draft.objects.filter(project=project).delete()
        for group in (0, 1) * 4:
            image = ImageFactory(project=project)
            EmbeddingFactory(image=image, group=group)
            LabelFactory(image=image, concept=self.one.concept, is_positive=group == 0)
        teaching.start(project=project, user=user)
        [job] = jobs.claim(kind=Job.Kind.TEACH)
        teaching.teach(job)
        self.one.job = Job.objects.get(pk=job.pk)
        self.one.version = Version.objects.get(project=project)

    @property
    def ids(self):
        self.one.project.refresh_from_db()
        if self.one.project.erased_at:
            self.renew()
        return self.one.ids


@pytest.fixture(scope="session", autouse=True)
def _told():
    yield
    print(f"\n{asked['requests']} requests")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_no_fault(case, victim):
    ids = victim.ids
    chance = random.Random(repr(case.path_parameters))  # noqa: S311
    for name in case.path_parameters or {}:
        if name in ids and chance.random() < _SHARE_OF_REAL_IDS:
            case.path_parameters[name] = ids[name]
    headers = {"Authorization": f"Bearer {victim.key}"}
    asked["requests"] += 1
    response = case.call(headers=headers)
    if response.status_code == 503:
        assert response.json()["error"]["code"] == "busy"
        return
    case.validate_response(response, checks=[not_a_server_error])
