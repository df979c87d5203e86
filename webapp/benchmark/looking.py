"""Pictures: the machine's limits, then uploaded, indexed and predicted through the app."""

import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from django.db.models import F

from training.backbones import get_spec
from training.benchmark.speed import (
    Photos,
    measure_decoding,
    measure_forward,
    measure_plain_loop,
    spread,
)
from webapp import learning
from webapp.benchmark import memory
from webapp.benchmark.client import Client, TurnedAwayError, at_once, timed
from webapp.benchmark.measured import Figures
from webapp.models import Image, Job, Project

_UPLOADERS = 4
_POLL_SECONDS = 0.05
_CLIENTS = (1, 4, 16, 64)
_ASKING_SECONDS = 8.0
_EXAMPLES = 5

_numbers = count()


def measure_limits(figures: Figures, photos: Photos, large: Photos, *, cache_dir: Path) -> None:
    """Measure what the machine can do at best, without the app."""
    spec = get_spec(learning.backbone())
    cores = int(figures.get("machine", "this")["cores"])
    rates = measure_forward(spec, cache_dir=cache_dir, threads=cores)
    for engine, by_batch in rates.items():
        figures.add("limit", f"forward/s by batch, {engine}", by_batch)
    best = max(rate for by_batch in rates.values() for rate in by_batch.values())
    figures.add("limit", "best forward/s", best)
    figures.add("limit", "plain loop/s", measure_plain_loop(spec, photos.files))
    for name, kind in (("photos", photos), ("12 megapixels", large)):
        decoding = measure_decoding(kind.files, min_side=512, threads=cores)
        figures.add("limit", f"decode/s, {name}", decoding)


def measure_indexing(
    figures: Figures,
    client: Client,
    project: Project,
    photos: Photos,
    *,
    name: str,
    amount: int,
    supervisor: int,
) -> None:
    """Upload on a few connections, one picture a request as browsers do, until all are indexed."""
    before = set(Image.objects.filter(project=project).values_list("pk", flat=True))
    work = uploads(client, project, photos, amount)
    started = time.perf_counter()
    with memory.spent(supervisor) as spent:
        uploaded = at_once(_UPLOADERS, work)
        wait_until_indexed(project)
    seconds = time.perf_counter() - started
    figures.add("index", f"{name}, processor ms a picture", memory.each(spent, amount))
    done = Job.objects.filter(kind=Job.Kind.INDEX, project=project, state=Job.State.SUCCEEDED)
    taken = done.exclude(subject_id__in=before).annotate(taken=F("finished_at") - F("created_at"))
    rate = amount / seconds
    figures.add(
        "index",
        name,
        {
            "pictures/s": round(rate, 2),
            "of best forward": _ratio(rate, figures.get("limit", "best forward/s")),
            "of plain loop": _ratio(rate, figures.get("limit", "plain loop/s")),
            "uploaded/s": round(amount / uploaded, 2),
            **spread([t.total_seconds() for t in taken.values_list("taken", flat=True)]),
        },
    )


def uploads(
    client: Client, project: Project, photos: Photos, amount: int
) -> list[Callable[[], object]]:
    """Return requests to make, one new picture each, as browsers send them."""
    path = f"/projects/{project.pk}/images"
    return [partial(client.send, path, [photos.unlike(next(_numbers))]) for _ in range(amount)]


def wait_until_indexed(project: Project) -> None:
    """Wait until no picture of a project waits any more."""
    while Image.objects.filter(project=project, status=Image.Status.PENDING).exists():
        time.sleep(_POLL_SECONDS)


def teach(client: Client, project: Project, photos: Photos) -> None:
    """Teach a few concepts, so that there is something to predict."""
    for concept in ("one", "two", "three"):
        files = [photos.unlike(next(_numbers)) for _ in range(_EXAMPLES)]
        stored = client.send(f"/projects/{project.pk}/images", files)["images"]
        labels = [{"image": i["id"], "concept": concept, "value": "positive"} for i in stored]
        client.post(f"/projects/{project.pk}/concepts", {"name": concept})
        client.post(f"/projects/{project.pk}/labels", {"labels": labels})
    client.post(f"/projects/{project.pk}/train?wait=60", {})


def warm_up(client: Client, project: Project, photos: Photos) -> None:
    """Have every worker do its work once: what is measured is not how they start."""
    teach(client, project, photos)
    client.send(_predict(project), [photos.unlike(next(_numbers))])


def measure_predicting(
    figures: Figures, client: Client, project: Project, photos: Photos, *, supervisor: int
) -> None:
    """Ask about pictures that were never seen, from more and more clients."""
    best = figures.get("limit", "best forward/s")
    for clients in _CLIENTS:
        with memory.spent(supervisor) as spent:
            said = ask(client, project, photos, clients=clients, seconds=_ASKING_SECONDS)
        figures.add(
            "predict",
            f"{clients} at once, processor ms a picture",
            memory.each(spent, said["count"]),
        )
        said["of best forward"] = _ratio(said["pictures/s"], best)
        alone = figures.get("predict", "1 client") or said
        said["p95 of p50 alone"] = _ratio(said["p95_ms"], alone["p50_ms"])
        figures.add("predict", f"{clients} client{'s' if clients > 1 else ''}", said)
    known = photos.unlike(next(_numbers))
    again = [timed(partial(client.send, _predict(project), [known]))[0] for _ in range(30)]
    figures.add("predict", "the same picture again", spread(again[1:]))


def measure_predicting_while_indexing(
    figures: Figures, client: Client, project: Project, photos: Photos, amount: int
) -> None:
    """Ask with one client while a pile of pictures is read."""
    piling = threading.Thread(
        target=at_once, args=(_UPLOADERS, uploads(client, project, photos, amount))
    )
    piling.start()
    while Image.objects.filter(project=project, status=Image.Status.PENDING).count() < _CLIENTS[-1]:
        time.sleep(_POLL_SECONDS)
    said = ask(client, project, photos, clients=1, seconds=2 * _ASKING_SECONDS)
    left = Image.objects.filter(project=project, status=Image.Status.PENDING).count()
    piling.join()
    wait_until_indexed(project)
    alone = figures.get("predict", "1 client")
    said |= {
        "p95 of p95 alone": _ratio(said["p95_ms"], alone["p95_ms"]) if alone else None,
        "still waiting": left,
    }
    figures.add("predict", f"1 client while {amount} are indexed", said)


def ask(
    client: Client, project: Project, photos: Photos, *, clients: int, seconds: float
) -> dict[str, Any]:
    """Ask again and again from some clients, for some seconds."""
    taken: list[float] = []
    turned_away: list[int] = []
    end = time.perf_counter() + seconds

    def keep_asking() -> None:
        while time.perf_counter() < end:
            picture = photos.unlike(next(_numbers))
            try:
                taken.append(timed(partial(client.send, _predict(project), [picture]))[0])
            except TurnedAwayError as busy:
                turned_away.append(1)
                time.sleep(busy.retry_after_seconds)

    work: list[Callable[[], object]] = [keep_asking] * clients
    whole = at_once(clients, work)
    rate = round(len(taken) / whole, 2)
    return {"pictures/s": rate, **spread(taken), "turned away": len(turned_away)}


def _predict(project: Project) -> str:
    return f"/projects/{project.pk}/predict"


def _ratio(value: float, limit: float | None) -> float | None:
    return round(value / limit, 3) if limit else None
