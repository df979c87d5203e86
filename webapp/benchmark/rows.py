"""Made-up rows in bulk: what a project of a million pictures leaves in the tables."""

import time
from collections.abc import Sequence

import numpy as np
from django.db import connection
from django.db.models import GeneratedField

from training.background import Floats, load_background, unit
from webapp import learning
from webapp.models import Concept, Embedding, Image, Label, Project, User
from webapp.selectors import sign_indexes
from webapp.selectors.sign_indexes import SignIndex
from webapp.services import sign_indexes as tending
from webapp.services import writing

_BLOCK = 5_000
_OWN = 0.6
_POLL_SECONDS = 0.5


def add_images(project: Project, count: int) -> tuple[int, int]:
    """Add rows of indexed pictures; return their first id and the one behind the last."""
    one = Image.objects.create(
        project=project,
        sha256="0" * 64,
        filename="made-up.jpg",
        content_type="image/jpeg",
        byte_size=1000,
        width=640,
        height=480,
        original="",
        status=Image.Status.READY,
        is_described=True,  # else the sweeper has them read again, which have no file
    )
    copied = [
        str(field.column)
        for field in Image._meta.concrete_fields
        if field.column not in {"id", "sha256"} and not isinstance(field, GeneratedField)
    ]
    columns = ", ".join(map(connection.ops.quote_name, copied))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO webapp_image (sha256, {columns})"  # noqa: S608  columns are ours
            f" SELECT encode(sha256(convert_to(%s || ':' || n, 'UTF8')), 'hex'), {columns}"
            " FROM webapp_image, generate_series(2, %s) AS n WHERE webapp_image.id = %s",
            [project.pk, count, one.pk],
        )
    return one.pk, one.pk + count


def add_vectors(project: Project, first: int, end: int) -> None:
    """Give each picture a made-up vector."""
    random = np.random.default_rng(project.pk)
    for start in range(first, end, _BLOCK):
        ids = np.arange(start, min(end, start + _BLOCK))
        vectors = lifelike_vectors(random, len(ids))
        writing.copy_vectors(project.pk, ids, vectors, fingerprint=learning.fingerprint())


def lifelike_vectors(random: np.random.Generator, count: int) -> Floats:
    """Make up unit vectors (N, D) that lie as those of photos do.

    Each mixes three everyday pictures and adds something of its own. Among some thousand, the
    nearest ten are as near as they are among photos: cosines of 0.6 to 0.7. What is random alone
    has no neighbours to find.
    """
    bank = load_background(learning.backbone()).bank
    mixed = random.integers(0, len(bank), (count, 3))
    shares = random.dirichlet((2.0, 1.0, 0.5), count).astype(np.float32)
    own = random.standard_normal((count, bank.shape[1]), np.float32)
    return unit(unit(np.einsum("nk,nkd->nd", shares, bank[mixed])) + _OWN * unit(own))


def add_labels(project: Project, user: User, first: int, *, count: int, concept: str) -> Concept:
    """Mark pictures of one concept: every other one is, the others are not."""
    made = Concept.objects.create(
        project=project, name=concept, name_key=concept.lower(), colour="#2563eb"
    )
    Label.objects.bulk_create(
        [
            Label(image_id=first + n, concept=made, is_positive=n % 2 == 0, set_by=user)
            for n in range(count)
        ]
    )
    return made


def add_predictions(concept: Concept, first: int, end: int) -> None:
    """Say something random of each picture."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO webapp_prediction (image_id, concept_id, probability, is_present)
            SELECT id, %s, p, p > 0.5
            FROM (SELECT id, random() AS p FROM generate_series(%s, %s) AS id) AS drawn
            """,
            [concept.pk, first, end - 1],
        )


def analyse(tables: Sequence[str]) -> None:
    """Do what PostgreSQL's own housekeeping does some minutes after so many rows came."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")


def make_index(project: Project) -> SignIndex | None:
    """Have a project's index of signs made as the app does it; a small one has none."""
    fingerprint = learning.fingerprint()
    count = Embedding.objects.filter(project=project, fingerprint=fingerprint).count()
    if count <= sign_indexes.EXACT_UP_TO:
        return None
    wanted = SignIndex(project.pk, fingerprint, sign_indexes.lists_for(count))
    while wanted not in sign_indexes.whole_ones():
        if not tending.tend():
            time.sleep(_POLL_SECONDS)  # a worker of the app is at it
    return wanted


def megabytes(index: SignIndex) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s) / 1e6", [index.name])
        return float(cursor.fetchone()[0])
