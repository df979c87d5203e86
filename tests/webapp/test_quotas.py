"""How much may be kept: refused in plain words, told in headers and on pages, also under a race."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import ImageFactory, ProjectFactory, UserFactory, jpeg
from tests.webapp.test_api import Api
from webapp.errors import QuotaExceeded
from webapp.models import AuditEntry, Image, Project, Usage
from webapp.selectors import quotas
from webapp.services import images
from webapp.services.archiving.tables import set_up
from webapp.services.quotas import add_up

pytestmark = pytest.mark.django_db
NONE = {"installation": 0, "person": 0, "project": 0}


def upload(user, project, data=None):
    file = SimpleUploadedFile("one.jpg", data or jpeg())
    return images.ingest(project=project, user=user, uploads=[images.Upload("one.jpg", file)])


def codes(outcome):
    return [refused.code for refused in outcome.errors]


@pytest.mark.parametrize("scope", NONE)
def test_no_more_pictures_than_the_settings_say(user, project, settings, scope):
    settings.MAX_PICTURES = NONE | {scope: 2}
    outcomes = [upload(user, project) for _ in range(3)]
    assert [codes(outcome) for outcome in outcomes] == [[], [], ["quota_exceeded"]]
    assert "2 of 2 photos: there is no room for more." in outcomes[-1].errors[0].message
    assert Image.objects.count() == 2


def test_no_more_bytes_either(user, project, settings):
    settings.MAX_BYTES = NONE | {"person": 10_000}
    ImageFactory(project=project, created_by=user, byte_size=9_990)
    assert codes(upload(user, project)) == ["quota_exceeded"]
    assert codes(upload(UserFactory(), project)) == []


def test_what_is_here_already_needs_no_room(user, project, settings):
    settings.MAX_PICTURES = NONE | {"project": 1}
    data = jpeg()
    upload(user, project, data)
    assert upload(user, project, data).images[0].is_duplicate


def test_what_is_being_erased_counts_no_more(user, project):
    other = ProjectFactory(owner=user, erased_at="2020-01-01T00:00Z")
    ImageFactory(project=other, created_by=user)
    user.max_pictures = 1
    [quota] = quotas.quotas(user=user)
    assert (quota.scope, quota.pictures, quota.words) == ("person", 0, "0 of 1 photos")


def test_without_a_limit_nothing_is_counted(user, project, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert quotas.quotas(user=user, project=project) == []


class TestCounting:
    """What the pictures' table would say, without reading it."""

    @pytest.fixture(autouse=True)
    def limited(self, settings):
        settings.MAX_PICTURES = dict.fromkeys(NONE, 100)

    def kept(self, user, project):
        return [
            (quota.pictures, quota.bytes) for quota in quotas.quotas(user=user, project=project)
        ]

    def test_reads_no_picture_however_full_it_is(self, user, project):
        ImageFactory.create_batch(99, project=project, created_by=user)
        with CaptureQueriesContext(connection) as asked:
            assert [pictures for pictures, _ in self.kept(user, project)] == [99] * 3
        assert len(asked) == 3
        assert not [query for query in asked if "webapp_image" in query["sql"]]

    def test_follows_whoever_brings_pictures_and_takes_them_away(self, user, project):
        Image.objects.bulk_create(
            ImageFactory.build_batch(3, project=project, created_by=user, byte_size=5)
        )
        theirs = ImageFactory(project=project, created_by=UserFactory(), byte_size=7)
        assert self.kept(user, project) == [(4, 22), (3, 15), (4, 22)]
        Image.objects.filter(created_by=user).first().delete()
        theirs.created_by.delete()
        Image.objects.filter(pk=theirs.pk).update(byte_size=8)
        assert self.kept(user, project) == [(3, 18), (2, 10), (3, 18)]

    def test_is_the_same_once_it_is_added_up(self, user, project):
        images = ImageFactory.create_batch(5, project=project, created_by=user)
        ImageFactory(created_by=user).project.delete()
        images[0].delete()
        before = self.kept(user, project)
        add_up()
        assert self.kept(user, project) == before == [(4, 4000)] * 3
        assert Usage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_not_step_over(user, project):
    Project.objects.filter(pk=project.pk).update(max_pictures=3)
    project.refresh_from_db()

    def send(_):
        try:
            return codes(upload(user, project))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        refused = [code for told in pool.map(send, range(8)) for code in told]
    assert Image.objects.count() == 3
    assert refused == ["quota_exceeded"] * 5


def test_the_api_tells_how_full_it_is(user, project, settings):
    settings.MAX_PICTURES = NONE | {"project": 2}
    api = Api(user)
    ImageFactory(project=project)
    taken = api.upload(f"/projects/{project.pk}/images", ("one.jpg", jpeg()))
    assert (taken["Quota-Scope"], taken["Quota-Pictures"]) == ("project", "2/2")
    [told] = api("get", f"/projects/{project.pk}/summary").json()["quotas"]
    assert told["words"] == "2 of 2 photos"


class TestStaff:
    @pytest.fixture
    def staff(self):
        client = Client()
        client.force_login(UserFactory(is_staff=True))
        return client

    def test_allow_a_person_or_a_project_something_else(self, staff, user, project, settings):
        settings.MAX_PICTURES = NONE | {"project": 1, "person": 1}
        ImageFactory(project=project, created_by=user)
        assert codes(upload(user, project)) == ["quota_exceeded"]
        staff.post("/operations/limits", {"whom": user.email, "pictures": "0", "requests": "7"})
        page = staff.post(
            "/operations/limits", {"whom": str(project.pk), "gigabytes": "1", "pictures": "2"}
        )
        assert page.status_code == 302
        user.refresh_from_db()
        project.refresh_from_db()
        assert codes(upload(user, project)) == []
        assert Api(user)("get", "/projects")["RateLimit-Limit"] == "7"
        assert AuditEntry.objects.filter(action="limits.set").count() == 2
        shown = staff.get("/operations/").content.decode()
        assert user.email in shown
        assert "no limit" in shown

    @pytest.mark.parametrize(
        "wrong",
        [
            {"whom": "nobody@example.org"},
            {"whom": "999999"},
            {"pictures": "-1"},
            {"gigabytes": "x"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, staff, user, wrong):
        staff.post("/operations/limits", {"whom": user.email, "pictures": "1"} | wrong)
        user.refresh_from_db()
        assert user.max_pictures is None

    def test_nobody_else_may(self, client, user):
        client.force_login(user)
        sent = {"whom": user.email, "pictures": "0"}
        assert client.post("/operations/limits", sent).status_code == 404


def test_the_account_page_says_it_in_plain_words(client, user, settings):
    settings.MAX_PICTURES = NONE | {"person": 5000}
    client.force_login(user)
    assert "You keep 0 of 5,000 photos." in client.get("/account/").content.decode()


def test_an_archive_does_not_bring_limits_of_its_own(project):
    set_up(project, {"max_pictures": 10**9, "exclusive": True})
    assert project.exclusive
    assert project.max_pictures is None


def test_an_archive_that_is_too_large_is_refused_whole(user, project, settings):
    from webapp.services.archiving import checking

    class Zip(dict):
        size = dict.get

    settings.MAX_BYTES = NONE | {"person": 2**30}
    source = Zip({"originals/a.jpg": 2**29, "originals/b.jpg": 2**29 + 1})
    with pytest.raises(QuotaExceeded):
        checking.check_room(source, {"files": dict(source)}, project, user)
