"""From uploaded pictures to probabilities: a real worker, real learning, the real web server."""

import io
import threading
from datetime import timedelta

import httpx
import numpy as np
import pytest
from django.core.files.base import File
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from tests.factories import encoded, jpeg, picture
from tests.webapp.test_jobs import make_due
from webapp import events, learning
from webapp.errors import Busy, Invalid
from webapp.models import Draft, Embedding, Image, Job, Prediction, Project, Version, Views
from webapp.selectors import vectors
from webapp.services import (
    accounts,
    images,
    jobs,
    labels,
    projects,
    recovery,
    teaching,
    viewing,
)
from webapp.services.images import Upload
from webapp.services.labels import Change

pytestmark = pytest.mark.usefixtures("transactional_db")  # before the fixtures that fill it

SHAPES = {"disc": "gold", "square": "tomato", "cross": "skyblue"}
TIMEOUT_SECONDS = 60
LOOKS_PER_SWEEP = 10


def upload(project, user, *files, concepts=()):
    uploads = [Upload(name, File(io.BytesIO(data))) for name, data in files]
    outcome = images.ingest(project=project, user=user, uploads=uploads, concepts=concepts)
    assert not outcome.errors
    return [ingested.image for ingested in outcome.images]


def shapes(shape, count):
    return [(f"{shape}{n}.jpg", jpeg(SHAPES[shape], shape=shape)) for n in range(count)]


def wait_for(project, condition):
    looks = events.listen(project.pk, timeout_seconds=TIMEOUT_SECONDS)
    for number, _ in enumerate(looks, start=1):
        if condition():
            return
        if number % LOOKS_PER_SWEEP == 0:
            jobs.wake_for_waiting()  # as the clock would, which no test runs
    raise AssertionError(list(Job.objects.values("kind", "state", "attempts", "error_message")))


def at_rest(project):
    """All is done that followed, too: closer views after a training, and what they teach."""
    return lambda: not Job.objects.filter(project=project, finished_at=None).exists()


def answered(ask):
    """Ask again where a worker was too busy with what came before: then it has loaded its part."""
    try:
        return ask()
    except Busy:
        return ask()


def all_indexed(project):
    return lambda: not Image.objects.filter(project=project, status="pending").exists()


def train(project, user):
    job = teaching.start(project=project, user=user)
    job = jobs.wait(job, timeout_seconds=TIMEOUT_SECONDS)
    assert job.state == Job.State.SUCCEEDED, job.error_message
    return Version.objects.get(project=project, number=job.result["version"])


class TestTeaching:
    def test_three_of_each_are_enough_to_know_the_rest(self, worker, project, user):
        for shape in SHAPES:
            upload(project, user, *shapes(shape, 3), concepts=[shape])
        rest = {
            image.pk: shape
            for shape in SHAPES
            for image in upload(project, user, *shapes(shape, 3))
        }
        wait_for(project, all_indexed(project))
        version = train(project, user)
        assert version.number == 1
        assert {concept["concept"] for concept in version.evaluation["concepts"]} == set(SHAPES)
        assert Prediction.objects.filter(image__project=project).count() == 18 * 3
        for image_id, shape in rest.items():
            best = Prediction.objects.filter(image=image_id).order_by("-probability")[0]
            assert best.concept.name == shape

    def test_labelled_pictures_are_looked_at_more_closely(self, worker, project, user):
        pictures = upload(project, user, *shapes("disc", 2), concepts=["disc"])
        wait_for(project, all_indexed(project))
        viewing.want(project.pk)
        wait_for(project, lambda: Views.objects.filter(image__project=project).count() == 2)
        found = vectors.views_of([p.pk for p in pictures], learning.fingerprint())
        assert found.shape == (2, 2, learning.dimensions())
        assert np.linalg.norm(found, axis=2) == pytest.approx(1, abs=1e-2)

    def test_training_waits_for_the_pictures_it_should_learn_from(self, worker, project, user):
        for shape in SHAPES:
            upload(project, user, *shapes(shape, 2), concepts=[shape])
        version = train(project, user)
        assert sum(concept["support"] for concept in version.evaluation["concepts"]) == 6

    def test_a_picture_that_comes_later_is_judged_at_once(self, worker, project, user):
        upload(project, user, *shapes("disc", 2), concepts=["disc"])
        train(project, user)
        [image] = upload(project, user, *shapes("disc", 1))
        wait_for(project, all_indexed(project))
        assert Prediction.objects.get(image=image).is_present

    def test_a_correction_makes_a_second_version(self, worker, project, user):
        upload(project, user, *shapes("disc", 2), concepts=["disc"])
        [square] = upload(project, user, *shapes("square", 1))
        first = train(project, user)
        labels.set_labels(project=project, user=user, changes=[Change(square.pk, "disc", False)])
        second = train(project, user)
        project.refresh_from_db()
        assert (first.number, second.number, project.version) == (1, 2, second)
        assert not Prediction.objects.get(image=square).is_present

    def test_labels_without_a_readable_picture_are_told(self, worker, project, user):
        cut = jpeg()
        upload(project, user, ("cut.jpg", cut[: len(cut) // 2]), concepts=["disc"])
        wait_for(project, all_indexed(project))
        with pytest.raises(Invalid) as caught:
            teaching.start(project=project, user=user)
        assert caught.value.code == "nothing_to_learn"


class TestIndexing:
    def test_every_format_gets_a_thumbnail_that_a_browser_can_show(self, worker, project, user):
        plain = picture("gold", shape="disc")
        files = [
            ("a.png", encoded(plain.convert("RGBA"), "PNG")),
            ("b.gif", encoded(plain, "GIF", save_all=True, append_images=[picture()])),
            ("c.webp", encoded(plain, "WEBP")),
            ("d.tiff", encoded(plain.convert("CMYK"), "TIFF")),
            ("e.avif", encoded(plain, "AVIF")),
            ("f.bmp", encoded(plain.convert("P"), "BMP")),
            ("g.png", encoded(plain.convert("I;16"), "PNG")),
        ]
        found = upload(project, user, *files)
        wait_for(project, all_indexed(project))
        for image in found:
            image.refresh_from_db()
            assert (image.status, image.error_message) == ("ready", ""), image.filename
            assert image.thumbnail
        assert [image.filename for image in found if image.display] == ["d.tiff", "f.bmp"]

    def test_a_truncated_picture_fails_alone_and_says_why(self, worker, project, user):
        whole = jpeg()
        upload(project, user, ("cut.jpg", whole[: len(whole) // 2]), ("whole.jpg", jpeg()))
        wait_for(project, all_indexed(project))
        cut, good = Image.objects.order_by("id")
        assert (cut.status, cut.error_code) == ("failed", "truncated_image")
        assert good.status == "ready"

    def test_killed_in_the_middle_nothing_is_lost_or_doubled(self, worker, project, user):
        worker.freeze()  # the last is there before the first is read
        upload(project, user, *((f"{n}.jpg", jpeg(size=(1600, 1200))) for n in range(60)))
        worker.thaw()
        wait_for(project, lambda: Image.objects.filter(status="ready").exists())
        worker.kill()
        assert Image.objects.filter(status="pending").exists()
        # The sweeper's clock, moved on.
        Job.objects.filter(state="running").update(heartbeat_at=Now() - timedelta(minutes=1))
        recovery.requeue_abandoned()
        make_due()
        worker.ensure()
        jobs.wake_for_waiting()
        wait_for(project, all_indexed(project))
        assert Image.objects.filter(status="ready").count() == 60
        assert Embedding.objects.count() == 60

    def test_a_project_erased_while_it_is_indexed_is_gone(self, worker, project, user):
        upload(project, user, *((f"{n}.jpg", jpeg()) for n in range(20)))
        projects.erase(project=project, user=user)
        wait_for(project, lambda: not Project.objects.exists())
        assert not Image.objects.exists()


class TestOverHttp:
    @pytest.fixture
    def api(self, site, user):
        _, key = accounts.create_token(user=user, name="test")
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=f"{site}/api/v1", headers=headers, timeout=60) as client:
            yield client

    def test_predict_sorts_best_first_and_refuses_the_bad_alone(self, worker, api, project, user):
        for shape in ("disc", "square"):
            upload(project, user, *shapes(shape, 3), concepts=[shape])
        train(project, user)
        sent = [("file", file) for file in (*shapes("square", 1), ("notes.txt", b"words"))]
        answer = api.post(f"/projects/{project.pk}/predict", files=sent).json()
        [result], [error] = answer["results"], answer["errors"]
        assert answer["version"] == 1
        assert [concept["name"] for concept in result["concepts"]] == ["square", "disc"]
        assert result["concepts"][0]["present"]
        assert (error["filename"], error["code"]) == ("notes.txt", "not_an_image")

    def test_predict_and_search_for_a_picture_that_is_there(self, worker, api, project, user):
        found = upload(project, user, *shapes("disc", 3), concepts=["disc"])
        train(project, user)
        predict = {"images": [found[0].pk]}
        [result] = api.post(f"/projects/{project.pk}/predict", json=predict).json()["results"]
        assert result["filename"] == "disc0.jpg"
        [same, *_] = api.post(
            f"/projects/{project.pk}/search", files={"file": jpeg("gold", shape="disc")}
        ).json()["items"]
        assert same["id"] in {image.pk for image in found}

    def test_media_are_for_members_only(self, worker, site, api, project, user):
        upload(project, user, *shapes("disc", 1))
        wait_for(project, all_indexed(project))
        [item] = api.get(f"/projects/{project.pk}/images").json()["items"]
        for url in (item["thumbnail_url"], item["image_url"]):
            mine = api.get(f"{site}{url}")
            assert (mine.status_code, mine.headers["content-type"]) == (200, "image/jpeg")
            assert "immutable" in mine.headers["cache-control"]
            assert httpx.get(f"{site}{url}").status_code == 401

    def test_events_reach_who_listens(self, worker, api, project, user):
        with api.stream("GET", f"/projects/{project.pk}/events") as stream:
            lines = stream.iter_lines()
            assert "event: project" in next(lines)
            sender = threading.Thread(target=upload, args=(project, user, *shapes("disc", 1)))
            sender.start()
            for line in lines:
                if '"images"' in line and Image.objects.filter(status="ready").exists():
                    break  # it came, and it was indexed
            sender.join()

    def test_a_stranger_hears_nothing(self, site, project):
        response = httpx.get(f"{site}/api/v1/projects/{project.pk}/events")
        assert response.status_code == 401

    def test_a_file_far_over_the_limit_is_refused_by_name(self, api, project, settings):
        endless = io.BytesIO(jpeg() + bytes(settings.MAX_IMAGE_BYTES))
        files = [("file", ("huge.jpg", endless)), ("file", ("rex.jpg", jpeg()))]
        answer = api.post(f"/projects/{project.pk}/images", files=files).json()
        assert [error["code"] for error in answer["errors"]] == ["file_too_large"]
        assert [image["filename"] for image in answer["images"]] == ["rex.jpg"]

    def test_the_same_file_twice_at_once_is_kept_once(self, api, project):
        data = jpeg()

        def send(answers):
            sent = api.post(f"/projects/{project.pk}/images", files={"file": ("rex.jpg", data)})
            answers += sent.json()["images"]

        answers: list[dict] = []
        threads = [threading.Thread(target=send, args=(answers,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(image["duplicate"] for image in answers) == [False, True, True, True]
        assert Image.objects.count() == 1


class TestTeachCommand:
    @pytest.fixture
    def folder(self, tmp_path):
        for shape in SHAPES:
            (tmp_path / shape).mkdir()
            for name, data in shapes(shape, 3):
                (tmp_path / shape / name).write_bytes(data)
        (tmp_path / "disc" / "notes.txt").write_text("gold ones")
        return tmp_path

    def test_a_folder_of_folders_becomes_a_version(self, worker, folder, capsys):
        call_command("teach", folder, project="Shapes")
        out = capsys.readouterr().out
        assert "notes.txt: " in out
        assert "Version 1" in out
        assert all(shape in out for shape in SHAPES)
        assert Project.objects.get().name == "Shapes"

    def test_no_folder_is_told(self, tmp_path):
        with pytest.raises(CommandError, match="no folder"):
            call_command("teach", tmp_path / "nowhere", project="Shapes")


class TestLiveLearning:
    def test_marks_after_the_first_training_count_at_once(self, worker, project, user):
        upload(project, user, *shapes("disc", 3), concepts=["disc"])
        squares = upload(project, user, *shapes("square", 3))
        wait_for(project, all_indexed(project))
        train(project, user)
        wait_for(project, at_rest(project))
        no = [Change(image.pk, "disc", False) for image in squares[:2]]
        before = Prediction.objects.get(image=squares[2]).probability
        labels.set_labels(project=project, user=user, changes=no)
        wait_for(project, at_rest(project))
        assert Prediction.objects.get(image=squares[2]).probability < before
        assert Version.objects.count() == 1

    def test_training_then_makes_the_same_a_version(self, worker, project, user):
        upload(project, user, *shapes("disc", 3), concepts=["disc"])
        squares = upload(project, user, *shapes("square", 3))
        wait_for(project, all_indexed(project))
        train(project, user)
        wait_for(project, at_rest(project))
        change = Change(squares[0].pk, "square", True)
        labels.set_labels(project=project, user=user, changes=[change])
        wait_for(project, at_rest(project))
        assert Draft.objects.exists()
        drafted = dict(Prediction.objects.values_list("pk", "probability"))
        train(project, user)
        assert not Draft.objects.exists()
        assert dict(Prediction.objects.values_list("pk", "probability")) == pytest.approx(
            drafted, abs=0.01
        )

    def test_taking_every_mark_back_brings_the_versions_word_back(self, worker, project, user):
        discs = upload(project, user, *shapes("disc", 3), concepts=["disc"])
        upload(project, user, *shapes("square", 3))
        wait_for(project, all_indexed(project))
        train(project, user)
        said = dict(Prediction.objects.values_list("image", "probability"))
        no = [Change(image.pk, "disc", False) for image in discs[:2]]
        labels.set_labels(project=project, user=user, changes=no)
        wait_for(project, lambda: Draft.objects.exists())
        none = [Change(image.pk, "disc", None) for image in discs]
        labels.set_labels(project=project, user=user, changes=none)
        wait_for(project, lambda: not Draft.objects.exists())
        assert dict(Prediction.objects.values_list("image", "probability")) == pytest.approx(said)

    def test_before_the_first_training_nothing_is_drafted(self, worker, project, user):
        upload(project, user, *shapes("disc", 3), concepts=["disc"])
        wait_for(project, all_indexed(project))
        assert not Job.objects.filter(kind=Job.Kind.DRAFT).exists()
