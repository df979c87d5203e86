"""Projects of many pictures, made up: trained, searched, paged through."""

import time
from functools import partial

import numpy as np
from django.db import connection

from training.benchmark.speed import spread
from webapp import learning
from webapp.benchmark import rows
from webapp.benchmark.client import Client, timed
from webapp.benchmark.measured import Figures
from webapp.models import Image, Job, Label, Project, User

_LABELS = 200
_PRESSES = 3
_REQUESTS = 60
_NEAREST = 10
_POLL_SECONDS = 0.05
_TABLES = ("webapp_image", "webapp_embedding", "webapp_prediction", "webapp_label")


def measure_training(
    figures: Figures, client: Client, project: Project, user: User, pictures: int
) -> None:
    """Press Train: the first time, and again after the labels changed."""
    with rows.without_vector_index():
        first, end = rows.add_images(project, pictures)
        rows.add_vectors(project, first, end)
    concept = rows.add_labels(project, user, first, count=min(_LABELS, pictures), concept="made up")
    rows.analyse(_TABLES)
    press = partial(client.post, f"/projects/{project.pk}/train?wait=60", {})
    taken = []
    for press_number in range(_PRESSES):
        taken.append(timed(press)[0])
        Label.objects.filter(concept=concept, image_id=first + press_number).update(
            is_positive=press_number % 2 == 1
        )
        Project.objects.filter(pk=project.pk).update(labels_revision=press_number + 2)
    figures.add(
        "train",
        f"{pictures} pictures",
        {"first_s": round(taken[0], 3), "again_s": round(float(np.median(taken[1:])), 3)},
    )


def measure_search(figures: Figures, client: Client, project: Project, vectors: int) -> None:
    """Search for the pictures most like one, and count how many of the nearest are found."""
    with rows.without_vector_index():
        first, end = rows.add_images(project, vectors)
        rows.add_vectors(project, first, end)
    rows.analyse(_TABLES)
    asked = np.random.default_rng(1).integers(first, end, _REQUESTS).tolist()
    path = f"/projects/{project.pk}/search?limit={_NEAREST}"
    taken, found = [], []
    for image_id in asked:
        seconds, answer = timed(partial(client.post, path, {"image": image_id}))
        taken.append(seconds)
        nearest = set(_exact(project, image_id))
        found.append(len(nearest & {item["id"] for item in answer["items"]}) / len(nearest))
    figures.add(
        "search",
        f"{vectors} vectors",
        {**spread(taken), f"recall@{_NEAREST}": round(float(np.mean(found)), 4)},
    )


def _exact(project: Project, image_id: int) -> list[int]:
    """Return the nearest pictures by looking at every vector."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexscan = off")
        cursor.execute(
            "SELECT image_id FROM webapp_embedding WHERE project_id = %s AND fingerprint = %s"
            " AND image_id <> %s ORDER BY vector <=> (SELECT vector FROM webapp_embedding"
            " WHERE image_id = %s AND fingerprint = %s) LIMIT %s",
            [project.pk, learning.fingerprint(), image_id, image_id, learning.fingerprint(),
             _NEAREST],
        )  # fmt: skip
        nearest = [row[0] for row in cursor.fetchall()]
        cursor.execute("RESET enable_indexscan")
    return nearest


def measure_gallery(
    figures: Figures, client: Client, project: Project, user: User, pictures: int
) -> None:
    """Page through pictures by probability, with a filter on it, and newest first."""
    first, end = rows.add_images(project, pictures)
    concept = rows.add_labels(project, user, first, count=2, concept="made up")
    rows.add_predictions(concept, first, end)
    rows.analyse(_TABLES)
    listing = f"/projects/{project.pk}/images?limit=100"
    by_probability = f"{listing}&concept=made%20up&min_probability=0.5&sort=-probability"
    for name, path in (("newest first", listing), ("probability over 0.5", by_probability)):
        pages = [partial(client.get, path) for _ in range(_REQUESTS)]
        figures.add("gallery", f"{pictures} rows, {name}, first page",
                    spread([timed(page)[0] for page in pages]))  # fmt: skip
        figures.add("gallery", f"{pictures} rows, {name}, later pages",
                    spread(_turn_pages(client, path)))  # fmt: skip


def _turn_pages(client: Client, path: str) -> list[float]:
    """Go from page to page; return the seconds of all but the first."""
    taken: list[float] = []
    cursor = client.get(path)["next_cursor"]
    while cursor and len(taken) < _REQUESTS:
        seconds, answer = timed(partial(client.get, f"{path}&cursor={cursor}"))
        taken.append(seconds)
        cursor = answer["next_cursor"]
    return taken


def remove(project: Project) -> None:
    """Remove a project's rows at once: the next one is measured in tables of its own size."""
    while Job.objects.filter(project=project, finished_at=None).exists():  # what training wanted
        time.sleep(_POLL_SECONDS)
    with connection.cursor() as cursor:
        for relation in Image._meta.related_objects:
            table, column = relation.related_model._meta.db_table, relation.field.column
            cursor.execute(
                f"DELETE FROM {table} WHERE {column} IN"  # noqa: S608  tables are ours
                " (SELECT id FROM webapp_image WHERE project_id = %s)",
                [project.pk],
            )
    Image.objects.filter(project=project)._raw_delete(using="default")
    project.delete()
    rows.analyse(_TABLES)
