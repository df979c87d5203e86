"""Refining in the background: progress, cancelling, and what is kept and what is not."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from tests.factories import EmbeddingFactory, VersionFactory
from tests.webapp.taught import claimed, examples, teach
from tests.webapp.test_api import Api, error_of
from tests.webapp.test_labels import somebody_waits_for_a_lock
from tests.webapp.test_teaching import all_indexed, answered, shapes, train, upload, wait_for
from training.refine import RefineResult
from webapp import learning
from webapp.embedded.programs import wait_until
from webapp.models import Embedding, Job, Version
from webapp.services import jobs, locks, predicting, refining, versions
from webapp.services.images import Upload


def refine(project, user):
    job = claimed(project, user, Job.Kind.REFINE)
    refining.refine(job)
    job.refresh_from_db()
    return job


@pytest.mark.django_db
class TestAsking:
    def test_there_must_be_a_version(self, project, user):
        response = Api(user)("post", f"/projects/{project.pk}/refine")
        assert error_of(response) == (409, "not_trained")

    def test_asked_twice_it_is_done_once(self, project, user):
        examples(project, "Rex", 3, group=1)
        teach(project, user)
        api = Api(user)
        first, second = (api("post", f"/projects/{project.pk}/refine").json() for _ in range(2))
        assert first["job"]["id"] == second["job"]["id"]

    def test_cancelled_before_it_begins(self, project, user):
        examples(project, "Rex", 3, group=1)
        teach(project, user)
        api = Api(user)
        api("post", f"/projects/{project.pk}/refine")
        job = api("delete", f"/projects/{project.pk}/refine").json()["job"]
        assert job["state"] == "cancelled"
        assert jobs.claim(kind=Job.Kind.REFINE) == []

    def test_with_nothing_going_on_there_is_nothing_to_cancel(self, project, user):
        response = Api(user)("delete", f"/projects/{project.pk}/refine")
        assert error_of(response) == (404, "job_not_found")


@pytest.mark.django_db
class TestOutcome:
    @pytest.fixture
    def taught(self, project, user):
        examples(project, "Rex", 3, group=1)
        examples(project, "Tom", 3, group=2)
        teach(project, user)

    def test_what_is_no_better_changes_nothing(self, project, user, taught, monkeypatch):
        monkeypatch.setattr(
            learning, "refine", lambda *_, **__: RefineResult(False, 0.9, 0.88, 60.0)
        )
        job = refine(project, user)
        assert job.result == {"kept": False, "accuracy_before": 0.9, "accuracy_after": 0.88}
        assert Version.objects.count() == 1

    def test_cancelled_while_it_runs_nothing_comes_of_it(self, project, user, taught, monkeypatch):
        def cancelled(*_, should_stop, **__):
            jobs.cancel(Job.objects.get(kind=Job.Kind.REFINE))
            assert should_stop()
            return RefineResult(False, None, None, 1.0, stopped=True)

        monkeypatch.setattr(refining, "_SECONDS_BETWEEN_NEWS", 0)
        monkeypatch.setattr(learning, "refine", cancelled)
        job = refine(project, user)
        assert job.state == Job.State.CANCELLED

    def test_too_few_examples_are_told(self, project, user):
        examples(project, "Rex", 2, group=1)
        teach(project, user)
        with pytest.raises(Exception, match="three examples"):
            refine(project, user)


@pytest.mark.django_db
class TestWhenItPays:
    @pytest.fixture
    def doubtful(self, project, user):
        """Pictures that have nothing in common: far from good, though there are enough."""
        for group in range(20, 30):
            examples(project, "Rex", 1, group=group)
            examples(project, "Tom", 1, group=group + 50)
        return teach(project, user)

    def suggested(self, version, user):
        path = f"/projects/{version.project_id}/versions/{version.number}/evaluation"
        return Api(user)("get", path).json()["refining_may_help"]

    def test_with_poor_figures_and_enough_examples_it_is_suggested(self, doubtful, user):
        assert self.suggested(doubtful, user)

    def test_what_may_be_good_enough_already_is_left_alone(self, doubtful, user):
        doubtful.evaluation["accuracy"]["high"] = 0.96
        doubtful.save()
        assert not self.suggested(doubtful, user)

    def test_with_few_examples_of_a_concept_more_examples_come_first(self, doubtful, user):
        examples(doubtful.project, "Bob", 4, group=1)
        assert not self.suggested(teach(doubtful.project, user), user)

    def test_an_older_version_is_not_what_would_be_refined(self, doubtful, user):
        teach(doubtful.project, user)
        assert not self.suggested(doubtful, user)

    def test_tried_once_it_is_not_brought_up_again(self, doubtful, user, monkeypatch):
        monkeypatch.setattr(
            learning, "refine", lambda *_, **__: RefineResult(False, 0.5, 0.5, 60.0)
        )
        refine(doubtful.project, user)
        assert not self.suggested(doubtful, user)


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_a_training_that_takes_the_next_number(project, user, monkeypatch):
    """Half an hour of work must not be lost to a Train pressed at its end."""
    examples(project, "Rex", 3, group=1)
    teach(project, user)
    tuned = SimpleNamespace(fingerprint="tuned")
    result = RefineResult(True, 0.9, 0.95, 60.0, weights={"w": np.zeros(1, np.float32)})
    monkeypatch.setattr(learning, "refine", lambda *_, **__: result)
    monkeypatch.setattr(learning, "refined_embedder", lambda _: tuned)

    def embed_all(*_):
        for known in Embedding.objects.all():
            EmbeddingFactory(image=known.image, fingerprint="tuned", group=1)

    monkeypatch.setattr(refining, "_embed_all", embed_all)

    def train_meanwhile():
        locks.hold_predictions(project.pk, is_shared=False)
        VersionFactory(project=project, number=versions.next_number(project.pk))

    def refine_and_hang_up():
        try:
            return refine(project, user)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            train_meanwhile()
            refining_job = pool.submit(refine_and_hang_up)
            assert wait_until(somebody_waits_for_a_lock, timeout_seconds=60)
        assert refining_job.result(timeout=60).result["version"] == 3


@pytest.mark.django_db(transaction=True)
def test_a_refined_version_answers_with_its_own_network(worker, project, user, monkeypatch):
    """The tuned weights are drawn, not learned: what is tried is how they are kept and served."""
    for shape in ("disc", "square"):
        upload(project, user, *shapes(shape, 3), concepts=[shape])
    wait_for(project, all_indexed(project))
    train(project, user)
    project.refresh_from_db()
    monkeypatch.setattr(learning, "refine", lambda *_, **__: _kept(0.2))
    job = refine(project, user)
    refined = Version.objects.get(number=job.result["version"])
    project.refresh_from_db()
    assert (refined.refinement["from"], project.version.number) == (1, 1)
    # It was tuned on every picture: only what was measured without them is told of it.
    accuracy = refined.evaluation["accuracy"]
    assert accuracy == {"value": 0.9, "low": None, "high": None}
    assert {concept["f1"]["value"] for concept in refined.evaluation["concepts"]} == {None}
    assert refined.fingerprint != learning.fingerprint()
    assert Embedding.objects.filter(fingerprint=refined.fingerprint).count() == 6

    [late] = upload(project, user, *shapes("disc", 1))
    wait_for(project, all_indexed(project))
    wanted = predicting.Wanted(number=refined.number)
    from_vectors = predicting.predict_images(
        project=project, image_ids=[late.pk], wanted=wanted
    ).results[0]["concepts"]
    with default_storage.open(late.original) as file:
        sent = Upload("late.jpg", ContentFile(file.read()))
    answer = answered(
        lambda: predicting.predict_uploads(project=project, uploads=[sent], wanted=wanted)
    )
    assert answer.version == refined.number
    from_pixels = answer.results[0]["concepts"]
    plain = predicting.predict_images(
        project=project, image_ids=[late.pk], wanted=predicting.Wanted(number=1)
    ).results[0]["concepts"]
    assert _of(from_pixels) == pytest.approx(_of(from_vectors), abs=0.01)
    assert _of(plain) != pytest.approx(_of(from_vectors), abs=1e-4)


def _of(concepts):
    return {concept["name"]: concept["probability"] for concept in concepts}


def _kept(change):
    from training.backbones import get_spec
    from training.finetune import Stages

    weights = Stages(get_spec(learning.backbone()).branches[0]).weights()
    random = np.random.default_rng(1)
    changed = {
        name: (value * (1 + change * random.normal(size=value.shape))).astype(value.dtype)
        for name, value in weights.items()
    }
    return RefineResult(True, 0.8, 0.9, 60.0, weights=changed)
