"""How good a version is: its figures are scikit-learn's, on pictures it had not seen."""

import numpy as np
import pytest
from sklearn import metrics

from tests.factories import LabelFactory
from tests.webapp.taught import examples, teach
from tests.webapp.test_api import Api, error_of
from webapp.models import Image, Label

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(user):
    return Api(user)


@pytest.fixture
def version(project, user):
    """Rex and Tom look much alike, so that some are taken for the other."""
    examples(project, "Rex", 9, group=1)
    examples(project, "Tom", 9, group=2)
    for image in examples(project, "Rex", 3, group=2):
        image.filename = "odd.jpg"
        image.save()
    return teach(project, user)


def predictions(api, version, concept, **query):
    more = "".join(f"&{name}={value}" for name, value in query.items())
    path = f"/projects/{version.project_id}/versions/{version.number}/predictions"
    return api("get", f"{path}?concept={concept}{more}").json()


def overview(api, version, source="left_out"):
    path = f"/projects/{version.project_id}/versions/{version.number}/evaluation"
    return api("get", f"{path}?source={source}").json()


def of_sklearn(answer, threshold):
    judged = answer["predictions"]
    labels = np.array([one["label"] > 0 for one in judged])
    probabilities = np.array([one["probability"] for one in judged])
    found = (probabilities >= threshold) & np.array([one["claimable"] for one in judged])
    return {
        "precision": metrics.precision_score(labels, found),
        "recall": metrics.recall_score(labels, found),
        "f1": metrics.f1_score(labels, found),
        "average_precision": metrics.average_precision_score(labels, probabilities),
    }


@pytest.mark.parametrize("threshold", [None, 0.2, 0.5, 0.8])
@pytest.mark.parametrize("exclusive", [False, True])
def test_figures_are_those_of_scikit_learn(api, project, user, exclusive, threshold, version):
    if exclusive:
        project.exclusive = True
        project.save()
        version = teach(project, user)
    if threshold:
        path = f"/projects/{project.pk}/versions/{version.number}/threshold"
        api("put", path, {"concept": "Rex", "threshold": threshold})
        version.refresh_from_db()
    counts_from = threshold or version.concepts[0]["threshold"]
    answer = predictions(api, version, "Rex")
    figures = {name: answer["figures"][name]["value"] for name in of_sklearn(answer, 0.5)}
    assert figures == pytest.approx(of_sklearn(answer, counts_from), abs=1e-9)
    [rex, _] = overview(api, version)["figures"]
    assert rex == answer["figures"]


def test_predictions_are_of_heads_that_had_not_seen_the_picture(api, version):
    odd = set(Image.objects.filter(filename="odd.jpg").values_list("pk", flat=True))
    said = {
        one["image"]: one["probability"] for one in predictions(api, version, "Rex")["predictions"]
    }
    others = [probability for image, probability in said.items() if image not in odd]
    assert np.mean([said[image] for image in odd]) < np.mean(others)


def test_every_cell_of_the_confusion_names_its_pictures(api, version):
    cells = overview(api, version)["confusion"]
    assert sum(cell["count"] for cell in cells) == 21
    assert all(len(cell["images"]) == cell["count"] for cell in cells)
    rex = Label.objects.filter(concept__name="Rex").values_list("image", flat=True)
    assert {i for cell in cells if cell["true"] == "Rex" for i in cell["images"]} == set(rex)


def test_test_pictures_judge_and_teach_nothing(api, project, user):
    examples(project, "Rex", 4, group=1)
    examples(project, "Tom", 4, group=2)
    tests = examples(project, "Rex", 3, group=1, is_test=True)
    version = teach(project, user)
    answer = overview(api, version, "test")
    assert answer["counts"] == {"left_out": 8, "test": 3}
    assert version.evaluation["images"] == 8
    judged = predictions(api, version, "Rex", source="test")["predictions"]
    assert {one["image"] for one in judged} == {image.pk for image in tests}


def test_the_exact_labels_stay_when_people_change_their_minds(api, project, version):
    path = f"/projects/{project.pk}/versions/{version.number}/labels"
    before = api("get", path).json()["items"]
    assert len(before) == Label.objects.count()
    Label.objects.filter(concept__name="Tom").delete()
    assert api("get", path).json()["items"] == before


def test_a_mark_that_was_turned_since_is_told(api, project, version):
    label = Label.objects.filter(concept__name="Rex").first()
    label.is_positive = False
    label.save()
    [one] = [
        one
        for one in predictions(api, version, "Rex")["predictions"]
        if one["image"] == label.image_id
    ]
    assert (one["label"], one["now"]) == (1, -1)


def test_a_deleted_picture_still_counts(api, version):
    Image.objects.filter(filename="odd.jpg").delete()
    judged = predictions(api, version, "Rex")["predictions"]
    assert len(judged) == 21
    assert sum(one["image"] is None for one in judged) == 3


def test_a_strange_concept_is_told(api, project, version):
    path = f"/projects/{project.pk}/versions/{version.number}/predictions?concept=Bob"
    assert error_of(api("get", path)) == (404, "concept_not_found")


def test_a_chosen_threshold_goes_along_to_the_next_version(api, project, user, version):
    path = f"/projects/{project.pk}/versions/{version.number}/threshold"
    api("put", path, {"concept": "Rex", "threshold": 0.77})
    LabelFactory(
        image=examples(project, "Tom", 1, group=2)[0], concept=project.concepts.get(name="Rex"),
        is_positive=False,
    )  # fmt: skip
    second = teach(project, user)
    assert second.thresholds == {str(project.concepts.get(name="Rex").pk): 0.77}


def test_a_near_duplicate_of_a_test_picture_is_not_learned_from(project, user):
    rex = examples(project, "Rex", 4, group=1)
    examples(project, "Tom", 4, group=2)
    [test] = examples(project, "Rex", 1, group=1, is_test=True)
    Image.objects.filter(pk__in=[test.pk, rex[0].pk]).update(group=rex[0].pk)
    assert teach(project, user).evaluation["images"] == 7
