"""Another backbone, or a background built for it: pictures are read again, never mixed."""

import pytest
import torch
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import EmbeddingFactory, ImageFactory, JobFactory, ProjectFactory, jpeg
from training import background_building, networks
from training.backbones import get_spec
from training.background import load_background
from webapp import learning
from webapp.errors import Invalid
from webapp.models import Image, Job
from webapp.services import backgrounds, indexing, jobs
from webapp.tasks import housekeeping, index

pytestmark = pytest.mark.django_db

CACHED = (
    learning.fingerprint,
    learning.dimensions,
    learning.names,
    get_spec,
    load_background,
)


@pytest.fixture
def other_backbone(monkeypatch, settings, tmp_path):
    def create(architecture):
        torch.manual_seed(0)
        return networks.timm.create_model(architecture, pretrained=False)

    monkeypatch.setattr(networks, "_from_hub", create)
    monkeypatch.setattr(background_building, "FEWEST_PICTURES", 6)
    settings.BACKBONE, settings.LEARNING_BACKGROUNDS = "test_resnet", tmp_path
    forget()
    yield
    forget()
    default_storage.delete("backgrounds/test_resnet.safetensors")


def forget():
    """Forget what a process knows until it is restarted."""
    for cached in CACHED:
        cached.cache_clear()


def stored(count, **options):
    for image in ImageFactory.create_batch(count, **options):
        default_storage.save(image.original, ContentFile(jpeg()))


def test_a_picture_that_would_take_its_reader_down_is_read_apart(other_backbone, monkeypatch):
    """What a decoder dies of must not take the command along: see `training.decoder`."""
    stored(7)
    asked = []

    def one_dies(file, **options):
        asked.append(options["min_side"])
        if len(asked) == 1:
            raise Invalid("This picture can't be read.", code="unreadable")
        return apart(file, **options)

    apart = learning.decode_apart
    monkeypatch.setattr(learning, "decode_apart", one_dies)
    backgrounds.build()
    assert len(asked) == 7
    assert learning.has_background()


def test_it_is_built_once_and_changes_what_vectors_are_known_by(other_backbone):
    stored(6)
    before = learning.fingerprint()
    assert not learning.has_background()
    call_command("background")
    with pytest.raises(Invalid) as caught:
        backgrounds.build()
    assert caught.value.code == "background_exists"
    forget()
    assert learning.has_background()
    assert learning.fingerprint() != before


def test_a_machine_with_a_home_of_its_own_takes_it_over(other_backbone, settings, tmp_path):
    stored(6)
    backgrounds.build()
    forget()
    built = learning.fingerprint()
    settings.LEARNING_BACKGROUNDS = tmp_path / "of another machine"
    forget()
    assert learning.fingerprint() == built
    with pytest.raises(Invalid) as caught:
        backgrounds.build()
    assert caught.value.code == "background_exists"


def test_unreadable_pictures_do_not_count(other_backbone):
    stored(5)
    broken = ImageFactory()
    default_storage.save(broken.original, ContentFile(b"no picture"))
    ImageFactory()  # its file is gone
    with pytest.raises(Invalid) as caught:
        backgrounds.build()
    assert caught.value.code == "too_few_pictures"
    assert not learning.has_background()


def test_the_background_that_came_along_is_left_alone():
    with pytest.raises(Invalid) as caught:
        backgrounds.build()
    assert caught.value.code == "background_exists"


def test_no_project_sets_alone_what_is_usual(monkeypatch):
    small, large = ProjectFactory.create_batch(2)
    stored(3, project=small)
    stored(9, project=large)
    monkeypatch.setattr(backgrounds, "MOST_PICTURES", 6)
    names = [file.name for file in backgrounds._pictures()]
    assert sum(f"projects/{small.pk}/" in name for name in names) == 3


def test_pictures_without_a_vector_of_the_backbone_are_read_again():
    known, outdated = ImageFactory.create_batch(2)
    ImageFactory(status=Image.Status.FAILED)
    EmbeddingFactory(image=known)
    EmbeddingFactory(image=outdated, fingerprint="another")
    indexing.read_outdated()
    indexing.read_outdated()
    [job] = Job.objects.filter(kind="index")
    assert (job.subject_id, job.is_background) == (outdated.pk, True)


def test_they_are_looked_for_again_every_hour(monkeypatch):
    """What an old worker indexes during an update has its fingerprint, after the new ones began."""
    outdated = ImageFactory()
    EmbeddingFactory(image=outdated, fingerprint="another")
    looked = []
    monkeypatch.setattr(index.read_outdated, "delay", lambda: looked.append(index.read_outdated()))
    housekeeping.sweep()
    housekeeping.sweep()
    assert len(looked) == 1
    [job] = Job.objects.filter(kind="index")
    assert job.subject_id == outdated.pk


def test_what_failed_is_not_wanted_every_hour():
    lost = ImageFactory()
    EmbeddingFactory(image=lost, fingerprint="another")
    JobFactory(project=lost.project, kind="index", subject_id=lost.pk, state=Job.State.FAILED)
    index.read_outdated()
    assert not Job.objects.filter(kind="index", state=Job.State.QUEUED).exists()
    indexing.read_outdated()  # as a worker does that begins
    assert Job.objects.filter(kind="index", state=Job.State.QUEUED).exists()


def test_one_that_waits_to_be_tried_again_is_not_wanted_twice():
    """It was claimed once, so the rule that a subject waits once does not hold for it."""
    image = ImageFactory()
    indexing.read_outdated()
    [job] = jobs.claim(kind=Job.Kind.INDEX)
    indexing.retry([job])
    indexing.read_outdated()
    assert [job.subject_id for job in Job.objects.filter(kind="index")] == [image.pk]


def test_that_many_are_wanted_already_is_not_asked_for_each_picture():
    """A hundred thousand jobs, looked through for each of as many pictures, took minutes."""
    project = ProjectFactory()
    ImageFactory.create_batch(50, project=project)
    indexing.read_outdated()
    with CaptureQueriesContext(connection) as asked:
        indexing.read_outdated()
    [query] = [q["sql"] for q in asked if "EXCEPT" in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
        [[[explained]]] = cursor.fetchall()
    loops = [
        n["Actual Loops"]
        for n in nodes(explained["Plan"])
        if n.get("Relation Name") == "webapp_job"
    ]
    assert loops == [1]


def nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)
