"""Nobody sees or changes what is not theirs: every address of the URL map is tried."""

import json
from unittest.mock import Mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model
from django.test import Client

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    ImageTagFactory,
    JobFactory,
    LabelFactory,
    PredictionFactory,
    ProjectFactory,
    UserFactory,
    VersionFactory,
)
from tests.webapp.addresses import ALL_METHODS, Address, all_addresses
from webapp.api import events
from webapp.models import Finding, Import, Membership, Project, SavedSearch, User
from webapp.rights import BY_ROLE, Right, right_of
from webapp.services import accounts, asking, line, members
from webapp.views import people

pytestmark = pytest.mark.django_db

# For everybody: doors, health, and the description of the API.
PUBLIC = {"readyz", "welcome", "api:openapi-json", "api:openapi-view", "api:api-root"}
# The library's own doors, which know no projects.
LIBRARIES = ("account_", "mfa_")
SECRET = "Zanzibar"
# A body that makes sense to every operation: what is malformed is refused before anybody looks.
BODY = {
    "name": "x",
    "labels": [],
    "urls": [],
    "concept": "x",
    "value": "positive",
    "threshold": 0.5,
}
BODY |= {"query": "x"}
REFUSED = {401, 403, 404, 405}


class Victim:
    """A person with one of everything, each row named so that it is known when it leaks."""

    def __init__(self):
        self.user = UserFactory(email=f"{SECRET.lower()}@example.org")
        self.project = ProjectFactory(owner=self.user, name=f"{SECRET} project")
        self.image = ImageFactory(project=self.project, filename=f"{SECRET}.jpg")
        default_storage.save(self.image.original, ContentFile(SECRET.encode()))
        self.concept = ConceptFactory(project=self.project, name=f"{SECRET} concept")
        LabelFactory(image=self.image, concept=self.concept, set_by=self.user)
        EmbeddingFactory(image=self.image)
        PredictionFactory(image=self.image, concept=self.concept)
        self.version = VersionFactory(project=self.project)
        self.search = SavedSearch.objects.create(project=self.project, name=SECRET, query="x")
        self.received = Import.objects.create(
            user=self.user, filename=f"{SECRET}.zip", file="imports/x.zip", format="coco", report={}
        )
        self.finding = Finding.objects.create(
            project=self.project, kind="dark", image=self.image, concept=self.concept, score=1
        )
        ImageTagFactory(image=self.image, tag=2084071)
        self.job = JobFactory(project=self.project)
        self.token, _ = accounts.create_token(user=self.user, name=f"{SECRET} token")
        self.invitation, self.key = members.invite(
            project=self.project, user=self.user, role="editor"
        )

    @property
    def ids(self):
        return {
            "project_id": self.project.pk,
            "image_id": self.image.pk,
            "concept_id": self.concept.pk,
            "job_id": self.job.pk,
            "number": self.version.number,
            "version_id": self.version.pk,
            "search_id": self.search.pk,
            "import_id": self.received.pk,
            "finding_id": self.finding.pk,
            "token_id": self.token.pk,
            "user_id": self.user.pk,
            "member_id": Membership.objects.get(project=self.project, user=self.user).pk,
            "invitation_id": self.invitation.pk,
            "sha256": self.image.sha256,
            "rendition": "original",
        }

    def rows(self):
        """Everything of theirs as it stands in the database, by the way that leads to it."""
        return {model.__name__: list(self._rows_of(model)) for model in _tables()}

    def _rows_of(self, model):
        fields = {field.name for field in model._meta.get_fields()}
        rows = model.objects.order_by("pk").values_list()
        for path in ("project", "image__project", "concept__project", "version__project"):
            if path.split("__")[0] in fields:
                return rows.filter(**{path: self.project})
        return rows.filter(user=self.user) if "user" in fields else rows.filter(pk=self._own(model))

    def _own(self, model):
        return {User: self.user.pk, Project: self.project.pk}.get(model)


def _tables() -> list[type[Model]]:
    from django.apps import apps

    return list(apps.get_app_config("webapp").get_models())


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    """Let event streams give back no connection: here it is the test's own."""
    monkeypatch.setattr(events, "connection", Mock())


@pytest.fixture
def victim():
    return Victim()


def tried(address: Address, client: Client, ids: dict[str, object], body: dict[str, object]):
    """Yield every method's answer; forms for pages, JSON for the API."""
    for method in ALL_METHODS:
        sent = {}
        if method != "get":
            is_api = address.route.startswith("api/")
            sent = {"data": json.dumps(body), "content_type": "application/json"} if is_api else {}
            if not is_api and method == "post":
                sent = {"data": {"name": "x", "role": "viewer"}}
        yield method, getattr(client, method)(address.path(**ids), **sent)


def content_of(response) -> str:
    return "" if response.streaming else response.content.decode(errors="replace")


def is_let_in(response) -> bool:
    is_sent_to_the_door = response.status_code == 302 and "/accounts/login" in response["Location"]
    return response.status_code not in REFUSED and not is_sent_to_the_door


def owned_addresses() -> list[Address]:
    return [
        address
        for address in all_addresses()
        if address.name not in PUBLIC and not address.name.startswith(LIBRARIES)
    ]


@pytest.fixture
def stranger_clients():
    stranger = UserFactory()
    by_session = Client()
    by_session.force_login(stranger)
    _, key = accounts.create_token(user=stranger, name="stranger")
    return stranger, [by_session, Client(headers={"Authorization": f"Bearer {key}"})]


def test_every_parameter_is_known_here(victim):
    """Whoever adds an address with a new kind of id adds a row of it above."""
    parameters = {name for address in owned_addresses() for name in address.parameters}
    assert parameters - {"key"} <= set(victim.ids)
    assert sum("project_id" in address.parameters for address in owned_addresses()) > 30


def test_strangers_are_told_there_is_nothing(victim, stranger_clients):
    _, clients = stranger_clients
    rows = victim.rows()
    for address in owned_addresses():
        if not address.parameters or "key" in address.parameters:
            continue
        for client in clients:
            for method, response in tried(address, client, victim.ids, BODY):
                at = f"{method} {address.route}"
                # A page only for the signed-in answers 302 to a token; the operations page 404.
                refused_politely = address.name == "revoke_token"  # says so on the next page
                assert not is_let_in(response) or refused_politely, f"{at}: {response.status_code}"
                assert SECRET not in content_of(response), at
    assert victim.rows() == rows


def test_nobody_at_all_gets_in(victim):
    rows = victim.rows()
    for address in owned_addresses():
        for method, response in tried(address, Client(), {"key": victim.key, **victim.ids}, BODY):
            assert not is_let_in(response), f"{method} {address.route}: {response.status_code}"
            assert SECRET not in content_of(response)
    assert victim.rows() == rows


def test_lists_show_only_what_is_ones_own(victim, stranger_clients):
    _, clients = stranger_clients
    for address in owned_addresses():
        if address.parameters:
            continue
        for client in clients:
            response = client.get(address.path())
            assert SECRET not in content_of(response), address.route


def test_ids_of_others_lead_nowhere_in_ones_own_project(victim, stranger_clients, monkeypatch):
    """The project is one's own; pictures, concepts, members and so on are not."""
    # No worker is there to answer.
    monkeypatch.setattr(line, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.setitem(asking.ask.__kwdefaults__, "patience_seconds", 0.1)
    stranger, clients = stranger_clients
    mine = ProjectFactory(owner=stranger)
    ids = {**victim.ids, "project_id": mine.pk}
    theirs = {"image": victim.image.pk, "images": [victim.image.pk], "concept": "x"}
    label = {"image": victim.image.pk, "concept": "x", "value": "positive"}
    body = {**BODY, **theirs, "labels": [label]}
    rows = victim.rows()
    for address in owned_addresses():
        if "project_id" not in address.parameters or address.name == "delete_project":
            continue
        for client in clients:
            for method, response in tried(address, client, ids, body):
                if method == "delete" and address.parameters == {"project_id"}:
                    continue
                at = f"{method} {address.route}"
                assert SECRET not in content_of(response), at
                if len(address.parameters) > 1 and address.route.startswith("api/"):
                    assert not is_let_in(response), f"{at}: {response.status_code}"
                Project.objects.filter(pk=mine.pk).update(erased_at=None)
    assert victim.rows() == rows


@pytest.mark.parametrize("role", Membership.Role.values)
def test_each_part_may_do_what_it_says_and_no_more(victim, role):
    """Whether it is one of the API's operations or a page: the mark on the view decides."""
    member = UserFactory()
    Membership.objects.create(project=victim.project, user=member, role=role)
    _, key = accounts.create_token(user=member, name="test")
    client = Client(headers={"Authorization": f"Bearer {key}"})
    asked = 0
    for address in all_addresses():
        if "project_id" not in address.parameters:
            continue
        for operation in address.operations:
            for method in operation.methods:
                right = right_of(operation.view_func, method)
                if right in BY_ROLE[role]:
                    continue
                sent = {"data": json.dumps(BODY), "content_type": "application/json"}
                response = client.generic(
                    method, address.path(**victim.ids), sent["data"], sent["content_type"]
                )
                if response.status_code != 422:  # what makes no sense is said first
                    told = (response.status_code, response.json()["error"]["code"])
                    assert told == (403, "role_forbids"), f"{method} {address.route}"
                asked += 1
    assert (asked == 0) == (role == "owner")
    victim.project.refresh_from_db()
    assert victim.project.erased_at is None


@pytest.mark.parametrize("role", ["editor", "labeller", "viewer"])
def test_only_owners_rename_delete_and_invite(victim, role):
    member = UserFactory()
    Membership.objects.create(project=victim.project, user=member, role=role)
    client = Client()
    client.force_login(member)
    rows = victim.rows()
    for address in all_addresses():
        is_page = not address.route.startswith(("api/", "media/"))
        if is_page and "project_id" in address.parameters:
            response = client.post(address.path(**victim.ids), {"name": "x", "role": "owner"})
            assert response.status_code in {403, 405}, address.route
    assert victim.rows() == rows


def test_tasks_answer_of_their_own_project_only(victim):
    """A message with another's ids, as a slip in a service would send it, finds nothing."""
    from webapp import learning
    from webapp.selectors import vectors

    mine = ProjectFactory()
    found = vectors.of_project(mine.pk, learning.fingerprint(), only=[victim.image.pk])
    assert found.image_ids.tolist() == []


def test_pages_say_what_each_part_may():
    assert set(people._PARTS) == set(Membership.Role)
    assert set(BY_ROLE) == set(Membership.Role)
    assert all(right.words for right in Right)


def test_there_is_no_way_around_the_check():
    """Every operation is wrapped, those of tomorrow too."""
    operations = [one for address in all_addresses() for one in address.operations]
    assert len(operations) >= 20
    assert all(hasattr(one.view_func, "__wrapped__") for one in operations)
