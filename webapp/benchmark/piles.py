"""Projects of many pictures, made up: trained, searched, paged through."""

import time
from functools import partial

import numpy as np
from django.db import connection
from django.db.models import Max, Min

from training.benchmark.speed import spread
from webapp import learning
from webapp.benchmark import memory, rows
from webapp.benchmark.client import Client, timed
from webapp.benchmark.measured import Figures
from webapp.models import Image, Job, Label, Project, User

CONCEPT = "marked"
_LABELS = 200
_PRESSES = 3
_REQUESTS = 60
_NEAREST = 10
_CHECKED = 20  # searches whose answer is compared with all vectors
_POLL_SECONDS = 0.05
_TABLES = ("webapp_image", "webapp_embedding", "webapp_prediction", "webapp_label")


def fill(project: Project, user: User, pictures: int, *, with_vectors: bool) -> None:
    """Make up a project's pictures, with a concept that a few are marked with."""
    first, end = rows.add_images(project, pictures)
    if with_vectors:
        rows.add_vectors(project, first, end)
    rows.add_labels(project, user, first, count=min(_LABELS, pictures), concept=CONCEPT)
    rows.analyse(_TABLES)


def make_index(figures: Figures, project: Project) -> None:
    """Have the index of a project's signs made, which the app itself does within a minute."""
    seconds, index = timed(partial(rows.make_index, project))
    if index:
        made = {"s": round(seconds, 1), "MB": rows.megabytes(index)}
        figures.add("search", f"{project.images.count()} vectors, index made", made)


def measure_training(
    figures: Figures, client: Client, project: Project, *, supervisor: int
) -> None:
    """Press Train: the first time, and again after the labels changed."""
    taken, busy = [], []
    pictures = project.images.count()
    for press_number in range(_PRESSES):
        with memory.spent(supervisor) as spent:
            taken.append(timed(partial(_press_train, client, project))[0])
        busy.append({name: round(spent.get(name, 0.0), 2) for name in ("teach", "postgres")})
        wait_until_idle(project)  # what a person does next takes longer than this
        changed = Label.objects.filter(image__project=project)[press_number]
        Label.objects.filter(pk=changed.pk).update(is_positive=not changed.is_positive)
        Project.objects.filter(pk=project.pk).update(labels_revision=press_number + 2)
    again = round(float(np.median(taken[1:])), 3)
    figures.add("train", f"{pictures} pictures", {"first_s": round(taken[0], 3), "again_s": again})
    said = {"first": busy[0], "again": busy[-1]}
    figures.add("train", f"{pictures} pictures, processor s", said)


def _press_train(client: Client, project: Project) -> None:
    client.post(f"/projects/{project.pk}/train?wait=60", {})
    while Job.objects.filter(project=project, kind=Job.Kind.TEACH, finished_at=None).exists():
        time.sleep(_POLL_SECONDS)


def measure_search(figures: Figures, client: Client, project: Project, *, supervisor: int) -> None:
    """Search for the pictures most like one, and count how many of the nearest are found."""
    first, end = _ids(project)
    asked = np.random.default_rng(1).integers(first, end, _REQUESTS).tolist()
    path = f"/projects/{project.pk}/search?limit={_NEAREST}"
    searches = [partial(client.post, path, {"image": image_id}) for image_id in asked]
    searches[0]()  # the others are not how its connection starts
    with memory.spent(supervisor) as spent:
        answers = [timed(search) for search in searches]
    said = memory.each(spent, len(searches))
    figures.add("search", f"{end - first} vectors, processor ms", said)
    found = []
    for image_id, (_, answer) in list(zip(asked, answers, strict=True))[:_CHECKED]:
        nearest = set(_exact(project, image_id))
        found.append(len(nearest & {item["id"] for item in answer["items"]}) / len(nearest))
    figures.add(
        "search",
        f"{end - first} vectors",
        {
            **spread([seconds for seconds, _ in answers]),
            f"recall@{_NEAREST} of {len(found)}": round(float(np.mean(found)), 4),
        },
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


def measure_gallery(figures: Figures, client: Client, project: Project) -> None:
    """Page through pictures by probability, with a filter on it, and newest first."""
    pictures = project.images.count()
    listing = f"/projects/{project.pk}/images?limit=100"
    by_concept = f"{listing}&concept={CONCEPT}"
    for name, path in (
        ("newest first", listing),
        ("probability over 0.5", f"{by_concept}&min_probability=0.5&sort=-probability"),
        ("probability over 0.5, newest first", f"{by_concept}&min_probability=0.5&sort=newest"),
        ("least certain first", f"{by_concept}&sort=uncertain"),
    ):
        count = path.replace("/images?limit=100", "/images/count?")
        for what, address in (("first page", f"{path}&count=false"), ("count of all", count)):
            taken = [timed(partial(client.get, address))[0] for _ in range(_REQUESTS)]
            figures.add("gallery", f"{pictures} rows, {name}, {what}", spread(taken))
        figures.add("gallery", f"{pictures} rows, {name}, later pages",
                    spread(_turn_pages(client, path)))  # fmt: skip


def predict_anything(project: Project) -> None:
    """Say something random of each picture, where no training did."""
    rows.add_predictions(project.concepts.get(name=CONCEPT), *_ids(project))
    rows.analyse(_TABLES)


def _ids(project: Project) -> tuple[int, int]:
    """Return the first id of made-up pictures and the one behind the last."""
    made_up = Image.objects.filter(project=project, original="")
    ids = made_up.aggregate(first=Min("pk"), last=Max("pk"))
    return ids["first"], ids["last"] + 1


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
    wait_until_idle(project)
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


def wait_until_idle(project: Project) -> None:
    """Wait until all is done that training and indexing wanted."""
    while Job.objects.filter(project=project, finished_at=None).exists():
        time.sleep(_POLL_SECONDS)
