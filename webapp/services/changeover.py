"""From one backbone to another, while projects go on with the one that they know.

All pictures are read anew in the background (`indexing.read_outdated`). Meanwhile new ones get the
vectors of both; once all are read, the project is trained on the new vectors, and goes by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp import learning
from webapp.models import Embedding, Job, Project
from webapp.selectors import backbones
from webapp.services import embedding, jobs, teaching

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


def embed_as_before(project_id: int, pictures: dict[int, Picture]) -> bool:
    """Give new pictures the vectors, too, that their project still goes by.

    Returns:
        Whether there are such: it changes over.
    """
    known_by = backbones.in_use_by(project_id)
    if known_by == learning.fingerprint():
        return False
    mine = Embedding.objects.filter(image__in=list(pictures), fingerprint=known_by)
    there = set(mine.values_list("image_id", flat=True))
    new = {image_id: one for image_id, one in pictures.items() if image_id not in there}
    if new:
        embedding.write(project_id, learning.embedder_for(known_by), new)
    return True


def go_on_after_last(project_id: int) -> None:
    """Go on where no picture of a project waits to be read: a look at all is not for each batch."""
    waiting = Job.objects.filter(
        project=project_id,
        kind=Job.Kind.INDEX,
        state__in=Job.GOING_ON,
    )
    if not waiting.exists():
        go_on(project_id)


def go_on(project_id: int) -> None:
    """Want a project trained anew where the backbone that reads now has read all of it."""
    project = Project.objects.select_related("version").filter(pk=project_id).first()
    if project is None or backbones.in_use(project) == backbones.to_learn_by(project):
        return
    if teaching.can_learn(project_id):
        jobs.enqueue_for_project(kind=Job.Kind.TEACH, project_id=project_id, user=None)


def go_on_everywhere() -> None:
    """Look after all that changes over: who was to go on may have been cut off."""
    for project_id in backbones.of_changing():
        go_on(project_id)
