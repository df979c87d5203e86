"""What changes between two versions, and why a picture scores as it does."""

from collections import OrderedDict

import pytest

from tests.factories import EmbeddingFactory, LabelFactory
from tests.webapp.taught import examples, pictures, teach
from webapp import learning
from webapp.errors import Conflict
from webapp.models import Embedding, Image, Version
from webapp.selectors import near
from webapp.services import comparing, embedding, reasons

pytestmark = pytest.mark.django_db


def compared(before, after):
    return comparing.worked_out(before_id=before.pk, after_id=after.pk)


class TestComparing:
    def test_a_version_differs_in_nothing_from_itself(self, project, user):
        examples(project, "Rex", 4, group=1)
        examples(project, "Tom", 4, group=2)
        version = teach(project, user)
        said = compared(version, version)
        assert said["flips"]["total"] == 0
        assert said["overall"]["gained"] == said["overall"]["lost"] == 0

    def test_a_correction_flips_what_looks_like_it(self, project, user):
        examples(project, "Rex", 4, group=1)
        wrong = pictures(project, 6, group=2)
        for image in wrong[:3]:
            LabelFactory(image=image, concept=project.concepts.get(name="Rex"))
        first = teach(project, user)
        for image in wrong[:5]:
            image.labels.all().delete()
            LabelFactory(image=image, concept=project.concepts.get(name="Rex"), is_positive=False)
        second = teach(project, user)
        flips = compared(first, second)["flips"]
        assert flips["now_agree"] == 5
        assert flips["no_longer_agree"] == 0
        unmarked = [one for one in flips["items"] if one["agrees"] == 0]
        assert [one["image"] for one in unmarked] == [wrong[5].pk]
        back = compared(second, first)["flips"]
        assert (back["now_agree"], back["no_longer_agree"]) == (0, 5)
        assert back["items"][0]["agrees"] == -1

    def test_figures_are_of_pictures_that_neither_had_seen(self, project, user):
        """Vectors that mean nothing: no head is right about one that it had not seen."""
        for group in range(20, 26):
            examples(project, "Rex", 1, group=group)
            examples(project, "Tom", 1, group=group + 10)
        first, second = teach(project, user), teach(project, user)
        said = compared(first, second)
        assert said["overall"]["after"]["value"] < 0.5
        assert said["flips"]["total"] == 0

    def test_concepts_that_came_and_went_are_named(self, project, user):
        examples(project, "Rex", 3, group=1)
        first = teach(project, user)
        examples(project, "Tom", 3, group=2)
        second = teach(project, user)
        assert compared(first, second)["new_concepts"] == ["Tom"]
        assert compared(second, first)["gone_concepts"] == ["Tom"]

    def test_a_deleted_version_is_told(self, project, user):
        examples(project, "Rex", 3, group=1)
        version = teach(project, user)
        with pytest.raises(Conflict, match="deleted"):
            comparing.worked_out(before_id=version.pk, after_id=version.pk + 99)

    def test_versions_of_two_backbones_are_compared_on_what_both_have_read(
        self, project, user, monkeypatch
    ):
        examples(project, "Rex", 4, group=1)
        examples(project, "Tom", 4, group=2)
        width = learning.dimensions()
        wide = teach(project, user)
        Embedding.objects.update(fingerprint="narrow")
        Version.objects.update(fingerprint="narrow")
        for image in Image.objects.all():
            EmbeddingFactory(image=image, group=image.pk % 2)
        monkeypatch.setattr(near, "_piles", OrderedDict())
        monkeypatch.setattr(learning, "dimensions", lambda: width - 640)
        said = compared(wide, wide)
        assert (said["pictures"], said["flips"]["total"]) == (8, 0)

    def test_a_refined_version_is_not_judged_by_what_tuned_it(self, project, user):
        examples(project, "Rex", 4, group=1)
        examples(project, "Tom", 4, group=2)
        examples(project, "Tom", 2, group=2, is_test=True)
        quick, refined = teach(project, user), teach(project, user)
        refined.refinement = {"from": 1, "accuracy_before": 0.5, "accuracy_after": 0.6}
        refined.save()
        said = compared(quick, refined)
        assert (said["overall"]["items"], said["test_pictures"]) == (2, 2)
        assert said["refined"] == [{"number": refined.number, **refined.refinement}]


class TestReasons:
    @pytest.fixture
    def taught(self, project, user):
        examples(project, "Rex", 5, group=1)
        examples(project, "Tom", 5, group=2)
        return teach(project, user)

    def why(self, image, name, **more):
        concept = image.project.concepts.get(name=name)
        asked = {"version_id": None, "most": 6} | more
        return reasons.worked_out(image_id=image.pk, concept_id=concept.pk, **asked)

    def whole(self, said):
        pulls = sum(one["pull"] for one in said["pictures"])
        return pulls + said["others"] + said["background"] + said["deleted"]

    def test_all_parts_are_the_score(self, project, taught):
        [image] = pictures(project, 1, group=1)
        said = self.why(image, "Rex", most=3)
        assert self.whole(said) == pytest.approx(said["score"], abs=1e-4)
        assert said["deleted"] == pytest.approx(0, abs=1e-3)
        assert len(said["pictures"]) == 3

    def test_what_looks_like_it_speaks_for_it(self, project, taught):
        [image] = pictures(project, 1, group=1)
        first = self.why(image, "Rex")["pictures"][0]
        assert (first["label"], first["pull"] > 0) == (1, True)

    def test_of_deleted_pictures_the_sum_is_known(self, project, taught):
        [image] = pictures(project, 1, group=1)
        Image.objects.filter(labels__concept__name="Tom")[0].delete()
        said = self.why(image, "Rex")
        assert abs(said["deleted"]) > 1e-3
        assert self.whole(said) == pytest.approx(said["score"], abs=1e-4)

    def test_a_refined_version_reads_a_picture_that_came_after_it(
        self, project, taught, monkeypatch
    ):
        Embedding.objects.update(fingerprint="tuned")
        Version.objects.update(fingerprint="tuned", refinement={"from": 1})
        [late] = pictures(project, 1, group=1)

        def read(version, image_ids):
            EmbeddingFactory(image=late, fingerprint=version.fingerprint, group=1)
            assert image_ids == [late.pk]

        monkeypatch.setattr(embedding, "complete", read)
        monkeypatch.setattr(learning, "tuned_from", lambda *_: learning.fingerprint())
        said = self.why(late, "Rex", version_id=taught.pk)
        assert said["pictures"][0]["pull"] > 0

    def test_an_unknown_concept_is_told(self, project, taught):
        [image] = examples(project, "Bob", 1, group=3)
        with pytest.raises(Conflict, match="Train first"):
            self.why(image, "Bob")

    def test_of_another_backbone_it_is_told_and_does_not_break(self, project, taught):
        [image] = pictures(project, 1, group=1)
        Version.objects.update(fingerprint="another")
        with pytest.raises(Conflict, match="no longer here"):
            self.why(image, "Rex")
