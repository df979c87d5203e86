"""A project of many made-up pictures, and how long its pages take on the server.

Run on a home of its own, beside a running `make run` for it:

    PUPIL_HOME=FOLDER python manage.py shell -c "from tests import scale; scale.run(100_000)"
"""

import hashlib
import io
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.test.utils import override_settings

from tests.factories import encoded, picture
from webapp.models import Concept, Label, Membership, Project, User
from webapp.services import accounts

FILES = 240  # drawn once and shared by many rows
EMAIL = "scale@example.org"
CONCEPTS = ("Disc", "Square", "Cross")
SHAPES = ((480, 320), (320, 480), (400, 400), (512, 288))
TRIES = 15
ASKED = {
    "first page, newest first": "images?limit=100",
    "first page, most likely first": "images?limit=100&concept=Disc&sort=-probability",
    "first page, least certain first": "images?limit=100&concept=Disc&sort=uncertain",
    "first page, unmarked and 50 to 100 %":
        "images?limit=100&concept=Disc&label=none&min_probability=0.5&sort=-probability",
    "outline, newest first": "images/outline",
    "outline, most likely first": "images/outline?concept=Disc&sort=-probability",
    "summary": "summary",
}  # fmt: skip


def seed(count: int) -> Project:
    """Make a person, a project and its pictures with predictions of three concepts."""
    user = User.objects.filter(email=EMAIL).first() or accounts.create_user(email=EMAIL)
    project = Project.objects.create(name=f"{count:,} pictures")
    Membership.objects.create(project=project, user=user)
    files = _store_files(project)
    random = np.random.default_rng(0)
    with transaction.atomic():
        _copy("webapp_image", _image_rows(project, count, files))
        ids = list(project.images.order_by("id").values_list("pk", flat=True))
        for colour, name in zip(("#2563eb", "#16a34a", "#ea580c"), CONCEPTS, strict=True):
            concept = Concept.objects.create(
                project=project, name=name, name_key=name.casefold(), colour=colour
            )
            likely = random.beta(0.4, 1.6, count)
            _copy(
                "webapp_prediction (image_id, concept_id, probability, is_present)",
                (
                    f"{image_id}\t{concept.pk}\t{value:.6f}\t{value > 0.6}"
                    for image_id, value in zip(ids, likely, strict=True)
                ),
            )
            chosen = random.choice(ids, min(200, count), replace=False)
            Label.objects.bulk_create(
                Label(image_id=image_id, concept=concept, is_positive=place % 2 == 0)
                for place, image_id in enumerate(chosen.tolist())
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return project


def _store_files(project: Project) -> list[tuple[str, int, int]]:
    stored = []
    for number in range(FILES):
        size = SHAPES[number % len(SHAPES)]
        shape = ("disc", "square", "cross")[number % 3]
        data = encoded(picture(f"hsl({number * 7 % 360}, 70%, 55%)", shape=shape, size=size))
        name = f"projects/{project.pk}/thumbnails/{number}.jpg"
        stored.append((default_storage.save(name, ContentFile(data)), *size))
    return stored


def _image_rows(project: Project, count: int, files: list[tuple[str, int, int]]) -> Iterator[str]:
    begin = datetime.now(UTC) - timedelta(days=700)
    for number in range(count):
        name, width, height = files[number % len(files)]
        added = begin + timedelta(days=700 * number / count)
        digest = hashlib.sha256(f"{project.pk} {number}".encode()).hexdigest()
        yield "\t".join(
            map(str, (project.pk, digest, f"picture {number:06}.jpg", "image/jpeg", 40_000, width,
                      height, name, "", name, "ready", "", "", added.isoformat()))
        )  # fmt: skip


def _copy(table: str, lines: Iterator[str]) -> None:
    if table == "webapp_image":
        table += (
            " (project_id, sha256, filename, content_type, byte_size, width, height, original,"
            " display, thumbnail, status, error_code, error_message, created_at)"
        )
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO("\n".join(lines)))


def report(project: Project) -> None:
    """Print for each request its time in this process, without a network."""
    client = Client()
    client.force_login(User.objects.get(email=EMAIL), backend=settings.AUTHENTICATION_BACKENDS[0])
    print(f"project {project.pk}: {project.images.count():,} pictures; median and worst of {TRIES}")
    for what, path in ASKED.items():
        address = f"/api/v1/projects/{project.pk}/{path}"
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        times = []
        for _ in range(TRIES):
            started = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - started) * 1000)
        print(
            f"{what:40} {statistics.median(times):7.1f} ms {max(times):7.1f} ms"
            f" {len(answer.content) / 1000:8.0f} kB"
        )

    return settings.AUTHENTICATION_BACKENDS[0]


def run(count: int, *, project_id: int | None = None) -> None:
    """Seed and report; or report again of a project that is there."""
    project = Project.objects.get(pk=project_id) if project_id else seed(count)
    with override_settings(ALLOWED_HOSTS=["*"]):
        report(project)
