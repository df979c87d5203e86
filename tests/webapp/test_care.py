"""Care for the examples in the app: groups, findings and their mending, clusters, what to label."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    ConceptFactory,
    EmbeddingFactory,
    ImageFactory,
    JobFactory,
    LabelFactory,
    ProjectFactory,
    encoded,
    picture,
)
from tests.webapp.test_api import Api, error_of
from tests.webapp.test_labels import waiting_for
from tests.webapp.test_teaching import all_indexed, train, upload, wait_for
from webapp import learning
from webapp.models import Finding, Image, Job, Label
from webapp.selectors import caring as selectors
from webapp.services import caring, grouping, jobs, lessons


@pytest.fixture
def api(user):
    return Api(user)


def claimed(kind, project):
    JobFactory(kind=kind, project=project, subject_id=project.pk)
    [job] = jobs.claim(kind=kind)
    return job


def looking_like(project, group, count, *, label=None):
    images = ImageFactory.create_batch(count, project=project, brightness=0.5, contrast=0.2,
                                       sharpness=0.6)  # fmt: skip
    for image in images:
        EmbeddingFactory(image=image, group=group)
        if label:
            LabelFactory(image=image, concept=label)
    return images


@pytest.mark.django_db
class TestGroups:
    def test_near_duplicates_get_one_number_whenever_they_come(self, project):
        first, other = (ImageFactory(project=project, hash=h) for h in (0b1111, -1))
        vector = EmbeddingFactory(image=first, group=1).vector
        EmbeddingFactory(image=other, group=2)
        grouping.group(claimed(Job.Kind.GROUP, project))
        copy = ImageFactory(project=project, hash=0b0111)
        EmbeddingFactory(image=copy, vector=vector)
        grouping.group(claimed(Job.Kind.GROUP, project))
        groups = dict(Image.objects.values_list("pk", "group"))
        assert groups == {first.pk: first.pk, other.pk: other.pk, copy.pk: first.pk}

    @pytest.mark.django_db(transaction=True)
    def test_pictures_are_held_in_the_order_of_all_others(self, project):
        first, second = (ImageFactory(project=project, hash=h) for h in (0b1111, 0b0111))
        Image.objects.filter(pk=first.pk).update(taken_at=Now())  # on the disk it comes second now
        vector = EmbeddingFactory(image=second, group=1).vector
        EmbeddingFactory(image=first, vector=vector)
        job = claimed(Job.Kind.GROUP, project)

        def group():
            with connection.cursor() as cursor:  # as it is done with many rows: in the disk's order
                cursor.execute("SET enable_indexscan = off")
            grouping.group(job)

        with waiting_for(Image.objects.filter(pk=first.pk), group):
            assert Image.objects.select_for_update(nowait=True).get(pk=second.pk) == second

    def test_many_are_written_some_at_a_time(self, project, monkeypatch):
        monkeypatch.setattr(grouping, "_WRITTEN_AT_ONCE", 2)
        images = ImageFactory.create_batch(5, project=project, hash=1)
        for image in images:
            EmbeddingFactory(image=image, group=1)
        with CaptureQueriesContext(connection) as asked:
            grouping.group(claimed(Job.Kind.GROUP, project))
        held = [query["sql"] for query in asked if "FOR NO KEY UPDATE" in query["sql"]]
        assert [sql.partition(" IN (")[2].count(",") + 1 for sql in held] == [2, 2, 1]
        assert all(Image.objects.values_list("group", flat=True))

    def test_its_heart_can_beat_until_the_groups_are_written(self, project, monkeypatch):
        EmbeddingFactory(image=ImageFactory(project=project, hash=1))
        job = claimed(Job.Kind.GROUP, project)
        write, states = grouping._write, []

        def watched(groups):
            states.append(Job.objects.get(pk=job.pk).state)
            write(groups)

        monkeypatch.setattr(grouping, "_write", watched)
        grouping.group(job)
        assert (states, Job.objects.get(pk=job.pk).state) == (["running"], "succeeded")

    def test_they_are_left_out_together(self, project):
        rex = ConceptFactory(project=project)
        first, second, alone = looking_like(project, 1, 3, label=rex)
        Image.objects.filter(pk__in=[first.pk, second.pk]).update(group=first.pk)
        lesson = lessons.read(project, fingerprint=learning.fingerprint())
        assert lesson.learned.groups == [first.pk, first.pk, alone.pk]


@pytest.mark.django_db
class TestFindings:
    @pytest.fixture
    def mistaken(self, project):
        """Two concepts, ten examples each; one picture of the second is marked as the first."""
        project.exclusive = True
        project.save()
        rex, mia = (ConceptFactory(project=project, name=name) for name in ("Rex", "Mia"))
        looking_like(project, 1, 10, label=rex)
        looking_like(project, 2, 9, label=mia)
        [wrong] = looking_like(project, 2, 1, label=rex)
        caring.inspect(claimed(Job.Kind.CARE, project))
        return wrong

    def test_a_wrong_label_is_found_and_mended_by_one_click(self, api, project, mistaken):
        found = api("get", f"/projects/{project.pk}/care").json()["items"]
        assert [(f["kind"], f["image"]["id"]) for f in found] == [("wrong_label", mistaken.pk)]
        assert (found[0]["concept"], found[0]["suggested"]) == ("Rex", "Mia")
        path = f"/projects/{project.pk}/care/{found[0]['id']}/mend"
        assert api("post", path).status_code == 204
        labels = Label.objects.filter(image=mistaken).values_list("concept__name", "is_positive")
        assert list(labels) == [("Mia", True)]
        assert error_of(api("post", path)) == (409, "finding_closed")

    def test_what_is_probably_right_is_not_listed_where_mending_would_hurt(self, project, mistaken):
        finding = Finding.objects.filter(project=project)
        finding.update(score=0.2, gain=-0.01)
        assert selectors.findings(project) == []
        finding.update(gain=0.01)
        assert len(selectors.findings(project)) == 1

    def test_what_was_dismissed_does_not_come_back(self, api, project, mistaken):
        finding = Finding.objects.get()
        api("post", f"/projects/{project.pk}/care/{finding.pk}/dismiss")
        caring.inspect(claimed(Job.Kind.CARE, project))
        assert selectors.findings(project) == []

    def test_bad_pictures_are_taken_out_of_learning(self, api, project):
        rex = ConceptFactory(project=project)
        [dark] = looking_like(project, 1, 1, label=rex)
        Image.objects.update(brightness=0.01)
        caring.inspect(claimed(Job.Kind.CARE, project))
        [finding] = selectors.findings(project)
        assert finding.kind == "dark"
        caring.mend(finding=finding, user=project.members.get())
        assert not Label.objects.filter(image=dark).exists()

    def test_another_projects_finding_is_not_there(self, api, project, mistaken):
        other = ProjectFactory(owner=project.members.get())
        path = f"/projects/{other.pk}/care/{Finding.objects.get().pk}/dismiss"
        assert error_of(api("post", path)) == (404, "finding_not_found")

    def test_a_page_of_findings_takes_a_constant_number_of_queries(
        self, project, mistaken, django_assert_num_queries
    ):
        with django_assert_num_queries(1):
            for finding in selectors.findings(project):
                assert finding.image
                assert finding.concept


@pytest.mark.django_db
class TestWhatToLabelNext:
    def test_unlabelled_pictures_that_look_alike_are_together(self, project):
        rex = ConceptFactory(project=project)
        looking_like(project, 3, 4, label=rex)
        one, other = (looking_like(project, group, count) for group, count in ((1, 5), (2, 3)))
        found = [set(c.image_ids) for c in selectors.clusters(project.pk, count=2)]
        assert found == [{image.pk for image in one}, {image.pk for image in other}]

    def test_the_pictures_that_teach_most_are_not_alike(self, project):
        looking_like(project, 1, 2)
        [odd] = looking_like(project, 2, 1)
        chosen = selectors.teach_most(project.pk, concept=None, count=2)
        assert len(chosen) == 2
        assert odd.pk in chosen

    def test_nothing_to_label_is_no_error(self, project):
        assert selectors.clusters(project.pk, count=5) == []
        assert selectors.teach_most(project.pk, concept=None, count=5) == []


@pytest.mark.usefixtures("transactional_db")
def test_from_upload_to_findings(worker, api, project, user):
    """A burst is one group, unlabelled pictures are clustered, and training brings findings."""
    disc = picture("gold", shape="disc", seed=3)
    files = [(f"disc{q}.jpg", encoded(disc, quality=q)) for q in (95, 60)]
    upload(project, user, *files, concepts=["disc"])
    squares = [
        (f"{ground}.jpg", encoded(picture("tomato", shape="square", ground=ground, seed=seed)))
        for seed, ground in enumerate(("white", "blue", "yellow"))
    ]
    upload(project, user, *squares)
    wait_for(project, all_indexed(project))
    wait_for(project, lambda: not Image.objects.filter(group=None).exists())
    discs = Image.objects.filter(filename__startswith="disc")
    assert len(set(discs.values_list("group", flat=True))) == 1
    found = api("get", f"/projects/{project.pk}/clusters?count=1").json()["items"]
    assert found[0]["size"] == 3
    assert len(api("get", f"/projects/{project.pk}/teach-most?count=2").json()["items"]) == 2
    train(project, user)
    wait_for(project, lambda: Job.objects.filter(kind="care", state="succeeded").exists())
