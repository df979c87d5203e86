"""Versions: named, published, rolled back, removed; and the thresholds that people choose."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.factories import (
    ConceptFactory,
    ImageFactory,
    PredictionFactory,
    ProjectFactory,
    VersionFactory,
)
from tests.webapp.test_api import Api, error_of
from webapp.errors import NotFound
from webapp.models import Export, Job, Prediction, Version, VersionEvent
from webapp.selectors import versions as selectors
from webapp.services import predicting, versions
from webapp.services.predicting import Wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(user):
    return Api(user)


def made(project, count=2):
    found = [VersionFactory(project=project, number=n + 1) for n in range(count)]
    project.version = found[-1]
    project.save()
    return found


def stages(project):
    return dict(Version.objects.filter(project=project).values_list("number", "stage"))


def test_named_and_published_at_once_both_happen_or_neither(api, project):
    made(project)
    for number, stage in ((1, "live"), (2, "preview")):
        api("patch", f"/projects/{project.pk}/versions/{number}", {"stage": stage})
    path = f"/projects/{project.pk}/versions/1"
    response = api("patch", path, {"name": "Spring", "stage": "draft"})
    assert error_of(response) == (409, "version_live")
    assert api("get", path).json()["name"] == ""
    response = api(
        "patch", f"/projects/{project.pk}/versions/2", {"stage": "live", "note": "x" * 3000}
    )
    assert error_of(response) == (422, "note_too_long")
    assert stages(project) == {1: "live", 2: "preview"}


def test_one_that_was_deleted_meanwhile_can_not_be_named(project, user):
    version, _ = made(project)
    Version.objects.filter(pk=version.pk).delete()
    with pytest.raises(NotFound):
        versions.rename(version=version, user=user, name="Spring")


class TestStages:
    def test_publishing_one_takes_the_other_down(self, api, project):
        made(project, 3)
        path = f"/projects/{project.pk}/versions"
        for number in (1, 3):
            answer = api("patch", f"{path}/{number}", {"stage": "live"}).json()
            assert answer["stage"] == "live"
        assert stages(project) == {1: "draft", 2: "draft", 3: "live"}

    def test_a_preview_stands_beside_the_live_one(self, user, project):
        first, second = made(project)
        versions.move(version=first, user=user, stage=Version.Stage.LIVE)
        versions.move(version=second, user=user, stage=Version.Stage.PREVIEW)
        assert stages(project) == {1: "live", 2: "preview"}

    def test_something_stays_live(self, api, project):
        made(project)
        path = f"/projects/{project.pk}/versions/1"
        api("patch", path, {"stage": "live"})
        assert error_of(api("patch", path, {"stage": "draft"})) == (409, "version_live")

    def test_who_published_what_is_kept(self, api, user, project):
        made(project)
        for number in (1, 2):
            api("patch", f"/projects/{project.pk}/versions/{number}", {"stage": "live"})
        history = api("get", f"/projects/{project.pk}/versions/history").json()
        assert [(event["number"], event["by"]) for event in history["events"]] == [
            (2, user.email),
            (1, user.email),
        ]
        assert history["rollback"] == 1

    def test_before_anything_was_published_there_is_nothing_to_go_back_to(self, project):
        made(project)
        assert selectors.history(project).rollback is None

    def test_another_project_keeps_its_own(self, user, project):
        [first] = made(project, 1)
        [other] = made(ProjectFactory(owner=user), 1)
        for version in (first, other):
            versions.move(version=version, user=user, stage=Version.Stage.LIVE)
        assert Version.objects.filter(stage=Version.Stage.LIVE).count() == 2


class TestWhoAnswers:
    def test_the_newest_until_one_is_live(self, user, project):
        first, second = made(project)
        assert predicting.serving_version(project) == second
        versions.move(version=first, user=user, stage=Version.Stage.LIVE)
        assert predicting.serving_version(project) == first

    def test_the_one_that_is_asked_for(self, user, project):
        first, second = made(project)
        versions.move(version=first, user=user, stage=Version.Stage.PREVIEW)
        assert predicting.serving_version(project, Wanted(number=2)) == second
        assert predicting.serving_version(project, Wanted(stage=Version.Stage.PREVIEW)) == first
        with pytest.raises(NotFound):
            predicting.serving_version(project, Wanted(number=7))

    def test_a_refined_one_only_when_it_was_published(self, user, project):
        quick, refined = made(project)
        refined.refinement = {"from": 1}
        refined.save()
        assert predicting.serving_version(project) == quick
        versions.move(version=refined, user=user, stage=Version.Stage.LIVE)
        assert predicting.serving_version(project) == refined


class TestNames:
    def test_named_and_noted(self, api, project):
        made(project)
        change = {"name": " Spring ", "note": "before the fair"}
        answer = api("patch", f"/projects/{project.pk}/versions/2", change).json()
        assert (answer["name"], answer["note"]) == ("Spring", "before the fair")

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"name": "x" * 101}, "name_too_long"), ({"note": "x" * 2001}, "note_too_long")],
    )
    def test_too_long_a_text_is_told(self, api, project, change, code):
        made(project)
        response = api("patch", f"/projects/{project.pk}/versions/2", change)
        assert error_of(response) == (422, code)


class TestRemoval:
    def test_the_live_one_stays(self, api, user, project):
        [version] = made(project, 1)
        versions.move(version=version, user=user, stage=Version.Stage.LIVE)
        response = api("delete", f"/projects/{project.pk}/versions/1")
        assert error_of(response) == (409, "version_live")

    def test_the_one_before_is_shown_again(self, user, project):
        first, second = made(project)
        versions.delete(version=second, user=user)
        project.refresh_from_db()
        assert project.version == first
        assert Job.objects.get().kind == Job.Kind.DRAFT

    def test_with_the_last_one_go_the_predictions(self, user, project):
        [version] = made(project, 1)
        PredictionFactory(
            image=ImageFactory(project=project), concept=ConceptFactory(project=project)
        )
        versions.delete(version=version, user=user)
        assert not Prediction.objects.exists()

    def test_its_number_is_not_used_again(self, user, project):
        [version] = made(project, 1)
        versions.delete(version=version, user=user)
        assert versions.next_number(project.pk) == 2
        assert VersionEvent.objects.get().kind == VersionEvent.Kind.DELETED

    def test_its_exported_file_goes_too(self, user, project, django_capture_on_commit_callbacks):
        [version] = made(project, 1)
        name = default_storage.save("projects/0/exports/it.onnx", ContentFile(b"onnx"))
        Export.objects.create(version=version, file=name, byte_size=4, parity={}, thresholds=[])
        with django_capture_on_commit_callbacks(execute=True):
            versions.delete(version=version, user=user)
        assert not default_storage.exists(name)

    def test_removed_twice_at_the_same_time_it_is_told(self, user, project):
        version = made(project)[0]
        late = Version.objects.get(pk=version.pk)
        versions.delete(version=version, user=user)
        with pytest.raises(NotFound):
            versions.delete(version=late, user=user)


class TestThresholds:
    @pytest.fixture
    def taught(self, project):
        """A version that finds Rex from 0.5 on, and what it says of three pictures."""
        rex = ConceptFactory(project=project, name="Rex")
        for probability in (0.4, 0.6, 0.8):
            image = ImageFactory(project=project)
            PredictionFactory(image=image, concept=rex, probability=probability)
        [version] = made(project, 1)
        version.concepts = [{"id": rex.pk, "name": "Rex", "threshold": 0.5}]
        version.save()
        return version

    def found(self):
        return sorted(
            Prediction.objects.filter(is_present=True).values_list("probability", flat=True)
        )

    def test_a_chosen_one_counts_at_once(self, api, project, taught):
        path = f"/projects/{project.pk}/versions/{taught.number}/threshold"
        answer = api("put", path, {"concept": "Rex", "threshold": 0.7}).json()
        assert answer["concepts"][0]["threshold"] == 0.7
        assert answer["concepts"][0]["fitted_threshold"] == 0.5
        assert self.found() == [0.8]
        summary = api("get", f"/projects/{project.pk}/summary").json()
        assert (summary["concepts"][0]["threshold"], summary["concepts"][0]["matches"]) == (0.7, 1)

    def test_and_the_fitted_one_comes_back(self, user, taught):
        for threshold in (0.7, None):
            versions.set_threshold(version=taught, user=user, concept="Rex", threshold=threshold)
        assert self.found() == [0.6, 0.8]

    def test_of_exclusive_concepts_only_the_best_is_found(self, user, project, taught):
        project.exclusive = True
        project.save()
        other = ConceptFactory(project=project)
        best = Prediction.objects.get(probability=0.8)
        PredictionFactory(image=best.image, concept=other, probability=0.9)
        versions.set_threshold(version=taught, user=user, concept="Rex", threshold=0.3)
        mine = Prediction.objects.filter(concept__name="Rex", is_present=True)
        assert sorted(mine.values_list("probability", flat=True)) == [0.4, 0.6]

    def test_of_another_version_it_changes_nothing_that_is_shown(self, user, project, taught):
        project.version = VersionFactory(project=project)
        project.save()
        versions.set_threshold(version=taught, user=user, concept="Rex", threshold=0.7)
        assert self.found() == [0.6, 0.8]

    def test_a_strange_concept_is_told(self, api, project, taught):
        path = f"/projects/{project.pk}/versions/{taught.number}/threshold"
        response = api("put", path, {"concept": "Tom", "threshold": 0.7})
        assert error_of(response) == (404, "concept_not_found")


class TestTestPictures:
    def test_marked_and_unmarked(self, api, project):
        image = ImageFactory(project=project)
        path = f"/projects/{project.pk}/images"
        for test, updated in ((True, 1), (True, 0), (False, 1)):
            body = {"images": [image.pk], "test": test}
            assert api("post", f"{path}/test", body).json() == {"updated": updated}
            assert api("get", f"{path}/{image.pk}").json()["test"] is test

    def test_a_strangers_picture_stays_as_it_is(self, api, project):
        body = {"images": [ImageFactory().pk]}
        answer = api("post", f"/projects/{project.pk}/images/test", body).json()
        assert answer == {"updated": 0}


def test_listing_takes_no_query_per_version(api, project, django_assert_max_num_queries):
    made(project, 10)
    with django_assert_max_num_queries(6):
        history = api("get", f"/projects/{project.pk}/versions/history").json()
    assert len(history["versions"]) == 10
    assert "wrong" not in history["versions"][0]["evaluation"]
