"""Answers people and programs that wait: short work, on a queue and worker of its own."""

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from webapp import learning
from webapp.selectors import caring
from webapp.services import comparing, locating, reasons, serving, text_images
from webapp.services.asking import answering


@shared_task(ignore_result=False)
@answering
def predict_images(version_id: int, image_ids: Sequence[int]) -> list[dict[str, Any]]:
    return serving.predict_images(version_id=version_id, image_ids=image_ids)


@shared_task(ignore_result=False)
@answering
def embed_region(image_id: int, box: Sequence[float], known_by: str = "") -> list[float]:
    # An older web process does not say.
    return serving.embed_region(
        image_id=image_id, box=box, known_by=known_by or learning.fingerprint()
    )


@shared_task(ignore_result=False)
@answering
def where(image_id: int, concept_id: int, key: str) -> None:
    locating.locate(image_id=image_id, concept_id=concept_id, key=key)


@shared_task(ignore_result=False)
@answering
def why(image_id: int, concept_id: int, version_id: int | None, most: int) -> dict[str, Any]:
    return reasons.worked_out(
        image_id=image_id, concept_id=concept_id, version_id=version_id, most=most
    )


@shared_task(ignore_result=False)
@answering
def compare(before_id: int, after_id: int) -> dict[str, Any]:
    return comparing.worked_out(before_id=before_id, after_id=after_id)


@shared_task(ignore_result=False)
@answering
def clusters(project_id: int, count: int) -> list[list[int]]:
    return [cluster.image_ids for cluster in caring.clusters(project_id, count=count)]


@shared_task(ignore_result=False)
@answering
def teach_most(project_id: int, concept: str | None, count: int) -> list[int]:
    return caring.teach_most(project_id, concept=concept, count=count)


@shared_task(ignore_result=False)
@answering
def read_texts(texts: Sequence[str]) -> None:
    text_images.read_texts(texts)
