"""Makes what tests need, with no more said than what matters to them."""

import hashlib
import io
from collections.abc import Iterable
from itertools import count
from typing import Any

import factory
import numpy as np
from factory.django import DjangoModelFactory
from PIL import Image as Pillow
from PIL import ImageDraw

from webapp import learning, models
from webapp.services.words import document
from webapp.text import name_key

_seeds = count()


def draw_from(seed: int) -> None:
    """Have what is drawn from here on follow from a seed, and not from what ran before."""
    global _seeds
    _seeds = count(seed)


def picture(
    colour: str = "white",
    *,
    shape: str = "",
    ground: str = "grey",
    size: tuple[int, int] = (320, 240),
    seed: int = -1,
) -> Pillow.Image:
    """Draw a picture unlike any other: a shape somewhere on a noisy ground."""
    random = np.random.default_rng(seed if seed >= 0 else 10_000 + next(_seeds))
    noise = random.integers(0, 40, (size[1], size[0], 3), dtype=np.uint8)
    drawn = Pillow.blend(Pillow.new("RGB", size, ground), Pillow.fromarray(noise), 0.5)
    draw = ImageDraw.Draw(drawn)
    side = min(size) // 2
    left, top = (int(random.integers(0, extent - side)) for extent in size)
    box = (left, top, left + side, top + side)
    if shape == "disc":
        draw.ellipse(box, fill=colour)
    elif shape == "square":
        draw.rectangle(box, fill=colour)
    elif shape == "cross":
        draw.line(box, fill=colour, width=side // 4)
        draw.line((left, top + side, left + side, top), fill=colour, width=side // 4)
    return drawn


def encoded(image: Pillow.Image, file_format: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def jpeg(colour: str = "white", **options: Any) -> bytes:
    return encoded(picture(colour, **options))


class UserFactory(DjangoModelFactory[models.User]):
    class Meta:
        model = models.User

    email = factory.Sequence(lambda n: f"person{n}@example.org")


class ProjectFactory(DjangoModelFactory[models.Project]):
    class Meta:
        model = models.Project
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Project {n}")

    @factory.post_generation
    def owner(self, create: bool, owner: models.User | None, **_: Any) -> None:
        models.Membership.objects.create(project=self, user=owner or UserFactory())


class ImageFactory(DjangoModelFactory[models.Image]):
    """An indexed picture's row; its files are not there."""

    class Meta:
        model = models.Image

    project = factory.SubFactory(ProjectFactory)
    sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    filename = factory.Sequence(lambda n: f"picture{n}.jpg")
    content_type = "image/jpeg"
    byte_size = 1000
    width = 320
    height = 240
    original = factory.LazyAttribute(lambda o: f"projects/{o.project.pk}/originals/{o.sha256}.jpg")
    status = models.Image.Status.READY
    is_described = True
    words = factory.LazyAttribute(lambda o: document(filename=o.filename))


class ConceptFactory(DjangoModelFactory[models.Concept]):
    class Meta:
        model = models.Concept

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Concept {n}")
    name_key = factory.LazyAttribute(lambda o: name_key(o.name))
    colour = "#2563eb"


class LabelFactory(DjangoModelFactory[models.Label]):
    class Meta:
        model = models.Label

    is_positive = True


class PredictionFactory(DjangoModelFactory[models.Prediction]):
    class Meta:
        model = models.Prediction

    probability = 0.5
    is_present = factory.LazyAttribute(lambda o: o.probability >= 0.5)


class EmbeddingFactory(DjangoModelFactory[models.Embedding]):
    """A vector near the one of its `group`: pictures of one group look alike."""

    class Meta:
        model = models.Embedding

    class Params:
        group = 0

    project = factory.SelfAttribute("image.project")
    fingerprint = factory.LazyFunction(learning.fingerprint)

    @factory.lazy_attribute
    def vector(self) -> np.ndarray:
        random = np.random.default_rng(next(_seeds))
        centre = np.random.default_rng(self.group).normal(size=models.EMBEDDING_DIMENSIONS)
        vector = centre + 0.5 * random.normal(size=models.EMBEDDING_DIMENSIONS)
        return vector / np.linalg.norm(vector)


class VersionFactory(DjangoModelFactory[models.Version]):
    """A version's row; its artifact is not there."""

    class Meta:
        model = models.Version

    project = factory.SubFactory(ProjectFactory)
    number = factory.Sequence(lambda n: n + 1)
    fingerprint = factory.LazyFunction(learning.fingerprint)
    artifact = "projects/0/versions/none.safetensors"
    concepts = factory.LazyFunction(list)
    evaluation = factory.LazyFunction(lambda: {"concepts": [], "images": 0, "wrong": [1]})
    labels_revision = 0
    seconds = 0.1


class JobFactory(DjangoModelFactory[models.Job]):
    class Meta:
        model = models.Job

    project = factory.SubFactory(ProjectFactory)
    kind = models.Job.Kind.INDEX
    subject_id = factory.Sequence(lambda n: n + 1)


class ImageTagFactory(DjangoModelFactory[models.ImageTag]):
    class Meta:
        model = models.ImageTag

    project = factory.SelfAttribute("image.project")
    probability = 0.5


def pets(filenames: Iterable[str]) -> models.Project:
    """Make a project with a concept, Rex, and photos of these names that nobody has marked."""
    project: models.Project = ProjectFactory(name="Pets")
    ConceptFactory(project=project, name="Rex")
    models.Image.objects.bulk_create(
        ImageFactory.build(project=project, filename=filename) for filename in filenames
    )
    return project
