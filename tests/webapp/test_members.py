"""Teams: invited by a link, with a part each; tokens narrowed to what they are for."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from tests.factories import ConceptFactory, ImageFactory, ProjectFactory, UserFactory
from tests.webapp.test_api import Api, error_of
from webapp import events
from webapp.api import counters, limits
from webapp.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.models import ApiToken, Invitation, Label, Membership
from webapp.rights import Right
from webapp.selectors.requests import Allowed
from webapp.services import accounts, audit, members

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def part_of(user, project) -> str:
    return Membership.objects.get(user=user, project=project).role


def marked_as_new(api, project, value="positive"):
    """Mark a picture, in both ways, as what there is no concept of; yield names and answers."""
    image, path = ImageFactory(project=project), f"/projects/{project.pk}"
    label = {"image": image.pk, "concept": "Mia", "value": value}
    yield "Mia", api("post", f"{path}/labels", {"labels": [label]})
    many = {"images": [image.pk], "concept": "Max", "value": value}
    yield "Max", api("post", f"{path}/labels/many", many)


class TestInvitations:
    def test_a_link_from_the_page_lets_one_person_in(self, user, project):
        page = signed_in(user).post(f"/projects/{project.pk}/people/invite", {"role": "labeller"})
        link = page.context["link"]
        friend = UserFactory()
        asked = signed_in(friend).get(link)
        assert "as labeller" in asked.content.decode()
        assert not project.members.filter(pk=friend.pk).exists()  # looking is not joining
        joined = signed_in(friend).post(link)
        assert joined["Location"] == f"/projects/{project.pk}/"
        assert part_of(friend, project) == "labeller"
        assert signed_in(UserFactory()).post(link).status_code == 404

    def test_who_is_not_signed_in_comes_back_after_signing_in(self, user, project):
        _, key = members.invite(project=project, user=user, role="viewer")
        answer = Client().get(f"/join/{key}/")
        assert answer["Location"] == f"/accounts/login/?next=/join/{key}/"

    def test_only_a_hash_is_kept(self, user, project):
        _, key = members.invite(project=project, user=user, role="viewer")
        assert key not in str(list(Invitation.objects.values_list()))

    def test_too_old(self, user, project):
        invitation, key = members.invite(project=project, user=user, role="viewer")
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
        with pytest.raises(NotFound):
            members.accept(key=key, user=UserFactory())

    def test_withdrawn(self, user, project):
        invitation, key = members.invite(project=project, user=user, role="viewer")
        address = f"/projects/{project.pk}/people/invitations/{invitation.pk}/withdraw"
        signed_in(user).post(address)
        answer = signed_in(UserFactory()).get(f"/join/{key}/")
        assert answer.status_code == 404
        assert "This invitation was used" in answer.text

    def test_of_a_deleted_project(self, user, project):
        _, key = members.invite(project=project, user=user, role="viewer")
        project.erased_at = timezone.now()
        project.save()
        with pytest.raises(NotFound):
            members.accept(key=key, user=UserFactory())

    def test_a_member_keeps_their_part_and_the_link_stays_good(self, user, project):
        _, key = members.invite(project=project, user=user, role="viewer")
        members.accept(key=key, user=user)
        assert part_of(user, project) == "owner"
        assert members.invitation_of_key(key).role == "viewer"

    def test_no_other_part_can_be_invited_to(self, user, project):
        with pytest.raises(Invalid):
            members.invite(project=project, user=user, role="king")

    @pytest.mark.parametrize("let_go", [True, False])
    def test_those_who_may_invite_no_more_keep_no_way_back_in(self, user, project, let_go):
        other = Membership.objects.create(project=project, user=UserFactory())
        _, key = members.invite(project=project, user=other.user, role="owner")
        _, ours = members.invite(project=project, user=user, role="viewer")
        if let_go:
            members.remove(project=project, user=user, member_id=other.pk)
        else:
            members.change_role(project=project, user=user, member_id=other.pk, role="viewer")
        with pytest.raises(NotFound):
            members.accept(key=key, user=UserFactory())
        assert members.invitation_of_key(ours).role == "viewer"


class TestParts:
    def test_changed_and_let_go(self, user, project):
        friend = UserFactory()
        member = Membership.objects.create(user=friend, project=project, role="viewer")
        address = f"/projects/{project.pk}/people/{member.pk}"
        signed_in(user).post(address, {"role": "editor"})
        assert part_of(friend, project) == "editor"
        signed_in(user).post(address)
        assert not project.members.filter(pk=friend.pk).exists()

    def test_the_last_owner_stays(self, user, project):
        mine = Membership.objects.get(user=user, project=project)
        with pytest.raises(Conflict):
            members.remove(project=project, user=user, member_id=mine.pk)
        with pytest.raises(Conflict):
            members.change_role(project=project, user=user, member_id=mine.pk, role="viewer")

    def test_a_labeller_marks_and_it_is_kept_who_did(self, project):
        friend = UserFactory()
        Membership.objects.create(user=friend, project=project, role="labeller")
        image = ImageFactory(project=project)
        ConceptFactory(project=project, name="Rex")
        label = {"image": image.pk, "concept": "Rex", "value": "positive"}
        path = f"/projects/{project.pk}"
        assert Api(friend)("post", f"{path}/labels", {"labels": [label]}).status_code == 200
        assert Label.objects.get().set_by == friend
        refused = Api(friend)("delete", f"{path}/images/{image.pk}")
        assert error_of(refused) == (403, "role_forbids")

    def test_a_labeller_adds_no_concept_by_marking(self, project):
        friend = UserFactory()
        Membership.objects.create(user=friend, project=project, role="labeller")
        refused = [answer for _, answer in marked_as_new(Api(friend), project)]
        assert [error_of(answer) for answer in refused] == [(403, "role_forbids")] * 2
        assert not project.concepts.exists()
        assert not Label.objects.exists()

    def test_an_editor_does(self, project):
        friend = UserFactory()
        Membership.objects.create(user=friend, project=project, role="editor")
        for name, answer in marked_as_new(Api(friend), project):
            assert answer.status_code == 200
            assert Label.objects.filter(concept__name=name, set_by=friend).exists()

    def test_what_was_never_said_of_a_new_concept_can_be_taken_back(self, project):
        friend = UserFactory()
        Membership.objects.create(user=friend, project=project, role="labeller")
        for _, answer in marked_as_new(Api(friend), project, value=None):
            assert answer.status_code == 200

    def test_the_page_lists_members_without_a_query_each(
        self, user, project, django_assert_max_num_queries
    ):
        for _ in range(5):
            Membership.objects.create(user=UserFactory(), project=project, role="viewer")
        client = signed_in(user)
        with django_assert_max_num_queries(8):
            page = client.get(f"/projects/{project.pk}/people/").content.decode()
        assert page.count("@example.org") >= 6

    def test_the_page_tells_in_words_what_happened(self, user, project):
        members.invite(project=project, user=user, role="editor")
        audit.note("member.joined", actor=user, project=project, role="editor")
        page = signed_in(user).get(f"/projects/{project.pk}/people/").content.decode()
        assert "<td>invited somebody as editor</td>" in page
        assert "<td>joined as editor</td>" in page

    def test_what_was_deleted_in_parts_is_told_once(self, user, project):
        for count in (500, 500, 7):
            audit.note("images.deleted", actor=user, project=project, count=count)
        audit.note("images.deleted", actor=UserFactory(), project=project, count=1)
        page = signed_in(user).get(f"/projects/{project.pk}/people/").content.decode()
        assert page.count("deleted photos") == 2
        assert "<td>deleted photos: 1007</td>" in page

    def test_a_viewer_sees_who_is_there_and_no_buttons(self, project):
        friend = UserFactory()
        Membership.objects.create(user=friend, project=project, role="viewer")
        page = signed_in(friend).get(f"/projects/{project.pk}/people/").content.decode()
        assert friend.email in page
        assert "Make a link" not in page
        refused = signed_in(friend).post(f"/projects/{project.pk}/rename", {"name": "x"})
        assert refused.status_code == 403
        assert "You are a viewer" in refused.content.decode()


class TestTokens:
    def token(self, user, **options) -> Client:
        _, key = accounts.create_token(user=user, name="test", **options)
        return Client(headers={"Authorization": f"Bearer {key}"})

    def test_one_for_predicting_does_nothing_else(self, user, project):
        client = self.token(user, scopes=["predict"])
        path = f"/api/v1/projects/{project.pk}"
        assert error_of(client.get(path)) == (403, "scope_missing")
        assert error_of(client.post(f"{path}/train")) == (403, "scope_missing")
        image = ImageFactory(project=project)
        media = client.get(f"/media/{project.pk}/{image.sha256}/original")
        assert error_of(media) == (403, "scope_missing")
        asked = client.post(f"{path}/predict", {"images": [1]}, content_type="application/json")
        assert error_of(asked) == (409, "not_trained")

    def test_adding_pictures_as_something_takes_both_scopes(self, user, project):
        client = self.token(user, scopes=["edit"])
        path = f"/api/v1/projects/{project.pk}/images"
        body = {"urls": [], "concept": ["Rex"]}
        refused = client.post(path, body, content_type="application/json")
        assert error_of(refused) == (403, "scope_missing")

    def test_one_for_marking_adds_no_concept(self, user, project):
        client = self.token(user, scopes=["label"])
        label = {"image": ImageFactory(project=project).pk, "concept": "Rex", "value": "positive"}
        path, body = f"/api/v1/projects/{project.pk}/labels", {"labels": [label]}
        refused = client.post(path, body, content_type="application/json")
        assert error_of(refused) == (403, "scope_missing")
        ConceptFactory(project=project, name="Rex")
        assert client.post(path, body, content_type="application/json").status_code == 200

    def test_a_scope_gives_nothing_that_its_owner_has_not(self, project):
        friend = UserFactory()
        Membership.objects.create(user=friend, project=project, role="viewer")
        client = self.token(friend, scopes=["train"])
        refused = client.post(f"/api/v1/projects/{project.pk}/train")
        assert error_of(refused) == (403, "role_forbids")

    @pytest.mark.parametrize(
        ("form", "status"),
        [({"name": "my\x00camera"}, 200), ({"name": "x", "days": "9" * 5000}, 422)],
    )
    def test_nothing_that_is_typed_breaks_the_page(self, user, form, status):
        assert signed_in(user).post("/account/", form).status_code == status

    def test_good_until_it_expires(self, user):
        token, key = accounts.create_token(user=user, name="test", days=1)
        assert accounts.token_of_key(key) == token
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert accounts.token_of_key(key) is None

    def test_last_use_is_noted(self, user):
        self.token(user).get("/api/v1/projects")
        assert ApiToken.objects.get().last_used_at is not None

    def test_made_narrower_on_the_page(self, user):
        sent = {"name": "camera", "scope": ["predict", "read"], "days": "30"}
        page = signed_in(user).post("/account/", sent)
        assert page.context["key"]
        token = ApiToken.objects.get()
        assert token.scopes == [Right.READ, Right.PREDICT]
        assert token.expires_at - token.created_at < timedelta(days=30, seconds=5)

    @pytest.mark.parametrize("wrong", [{"scopes": ["rule"]}, {"days": 0}, {"days": 100_000}])
    def test_what_makes_no_sense_is_refused(self, user, wrong):
        with pytest.raises(Invalid):
            accounts.create_token(user=user, name="test", **wrong)


class TestLimits:
    @pytest.fixture(autouse=True)
    def _within_a_minute(self, monkeypatch):
        """Have the counter's clock stand still: at the turn of a minute there is room again."""
        still = counters._HIT.replace("redis.call('TIME')[1]", "'1800000030'")
        assert still != counters._HIT
        monkeypatch.setattr(counters, "_HIT", still)

    def test_requests_are_counted_and_told(self, user, settings):
        settings.REQUESTS_PER_MINUTE = 3
        api = Api(user)
        first = api("get", "/projects")
        assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("3", "2")
        assert int(first["RateLimit-Reset"]) <= 60
        assert api("get", "/projects").status_code == 200
        assert api("get", "/projects").status_code == 200
        refused = api("get", "/projects")
        assert error_of(refused) == (429, "too_many_requests")
        assert int(refused["Retry-After"]) > 0
        assert Api(UserFactory())("get", "/projects").status_code == 200

    def test_nobody_is_held_up_while_the_counter_is_away(self, user, settings, monkeypatch):
        settings.REQUESTS_PER_MINUTE = 1
        monkeypatch.setattr("webapp.api.counters.hit", _away)
        assert [Api(user)("get", "/projects").status_code for _ in range(3)] == [200] * 3

    def test_all_members_of_a_project_share_its_limit_and_strangers_use_none_of_it(
        self, user, project, settings
    ):
        settings.REQUESTS_PER_MINUTE_PER_PROJECT = 2
        path, friend, stranger = f"/projects/{project.pk}", UserFactory(), Api(UserFactory())
        Membership.objects.create(project=project, user=friend, role="viewer")
        for _ in range(3):
            told = stranger("get", path)
            assert (told.status_code, "RateLimit-Limit" in told) == (404, False)
        first = Api(user)("get", path)
        assert (first["RateLimit-Scope"], first["RateLimit-Remaining"]) == ("project", "1")
        assert Api(friend)("get", path).status_code == 200
        assert error_of(Api(user)("get", path)) == (429, "too_many_requests")
        assert Api(user)("get", "/projects").status_code == 200

    def test_everybody_shares_the_installations(self, user, settings):
        settings.REQUESTS_PER_MINUTE_IN_ALL = 2
        answers = [Api(one)("get", "/projects") for one in (user, UserFactory(), UserFactory())]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[0]["RateLimit-Scope"] == "installation"

    def test_who_is_refused_takes_nothing_from_others(self, user, settings):
        settings.REQUESTS_PER_MINUTE, settings.REQUESTS_PER_MINUTE_IN_ALL = 1, 3
        assert [Api(user)("get", "/projects").status_code for _ in range(4)] == [200] + [429] * 3
        assert Api(UserFactory())("get", "/projects").status_code == 200

    def test_all_is_counted_in_one_round_trip(self, user, project, settings, monkeypatch):
        settings.REQUESTS_PER_MINUTE = settings.REQUESTS_PER_MINUTE_IN_ALL = 9
        settings.REQUESTS_PER_MINUTE_PER_PROJECT = 9
        sent = []
        execute = events.client().execute_command
        monkeypatch.setattr(
            events.client(), "execute_command", lambda *args: sent.append(args) or execute(*args)
        )
        limits.count(_request(project.pk), user)
        assert [args[0] for args in sent] == ["EVAL"]

    def test_picture_files_count_apart(self, user, project, settings):
        settings.REQUESTS_PER_MINUTE, settings.PICTURE_FILES_PER_MINUTE = 1, 2
        client = signed_in(user)
        path = f"/media/{project.pk}/{ImageFactory(project=project).sha256}/none"
        statuses = [client.get(path).status_code for _ in range(3)]
        assert statuses == [404, 404, 429]
        assert Api(user)("get", "/projects").status_code == 200

    def test_a_stream_is_one_request(self, user, project, settings, monkeypatch):
        monkeypatch.setattr("webapp.api.events.connection", Mock())
        settings.REQUESTS_PER_MINUTE = 1
        client, path = signed_in(user), f"/api/v1/projects/{project.pk}/events"
        assert [client.get(path).status_code for _ in range(2)] == [200, 429]

    def test_the_account_tells_them(self, user, settings):
        settings.REQUESTS_PER_MINUTE, settings.PICTURE_FILES_PER_MINUTE = 600, 5000
        settings.REQUESTS_PER_MINUTE_PER_PROJECT = 2000
        page = signed_in(user).get("/account/").content.decode()
        assert "At most 600 requests a minute." in page
        assert "At most 2,000 requests a minute to each project" in page
        assert "At most 5,000 picture files a minute." in page

    @pytest.mark.parametrize(
        ("count", "before", "left", "wait"), [(3, 0, 20, 21), (2, 3, 60, 41), (0, 3, 60, 1)]
    )
    def test_there_is_room_when_it_was_said(self, count, before, left, wait):
        def room(at):
            now = counters.Counted(Allowed("person", 1, 3), *at, is_refused=True)
            return now.remaining

        told = counters.Counted(Allowed("person", 1, 3), count, before, left, is_refused=True)
        assert told.wait_seconds == wait
        ahead = left - wait
        later = (count, before, ahead) if ahead > 0 else (0, count, 60 + ahead)
        assert room((count, before, left)) == 0
        assert room(later) > 0

    def test_guessing_passwords_is_stopped(self, user):
        cache.clear()
        user.set_password("a long and good one")
        user.save()
        client = Client()
        for _ in range(5):
            client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
        right = {"login": user.email, "password": "a long and good one"}
        answer = client.post("/accounts/login/", right)
        assert answer.status_code == 200
        assert "Too many failed login attempts" in answer.content.decode()
        cache.clear()
        assert client.post("/accounts/login/", right).status_code == 302


def _request(project_id):
    request = RequestFactory().get("/")
    request.resolver_match = Mock(kwargs={"project_id": project_id})
    return request


def _away(*_):
    from redis import ConnectionError as AwayError

    raise AwayError


def test_nothing_is_said_to_those_who_are_no_members():
    from webapp.selectors import members as selectors

    project = ProjectFactory()
    selectors.check(UserFactory(), project.pk, Right.MANAGE)
    viewer = UserFactory()
    Membership.objects.create(user=viewer, project=project, role="viewer")
    with pytest.raises(Forbidden):
        selectors.check(viewer, project.pk, Right.MANAGE)


class TestPages:
    def test_pages_know_what_a_part_allows_and_offer_no_more(self, user, project):
        viewer = UserFactory()
        Membership.objects.create(project=project, user=viewer, role="viewer")
        page = signed_in(viewer).get(f"/projects/{project.pk}/").content.decode()
        assert 'data-rights="predict read"' in page
        listed = signed_in(viewer).get("/").content.decode()
        assert project.name in listed
        assert "Rename" not in listed
        assert "Delete" not in listed
        assert "Rename" in signed_in(user).get("/").content.decode()
