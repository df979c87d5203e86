"""By which backbone's vectors a project goes.

A backbone that was newly chosen reads all pictures anew, which takes a while. Until it has, a
project is searched, judged and taught by the vectors of the one that its version was trained on;
then it is trained on the new ones (`services.changeover`), and with that version all goes by them.
"""

from typing import Any

from django.db.models import Exists, OuterRef

from webapp import learning
from webapp.models import Embedding, Image, Job, Project

_OF_VERSION = "version__fingerprint", "version__refinement"


def in_use(project: Project) -> str:
    """Return what the vectors are known by that a project goes by."""
    version = project.version
    return _usable(version.fingerprint, version.refinement) if version else learning.fingerprint()


def in_use_by(project_id: int) -> str:
    """Return what the vectors are known by that the project of an id goes by."""
    said = Project.objects.filter(pk=project_id).values_list(*_OF_VERSION).first()
    return _usable(*said) if said else learning.fingerprint()


def _usable(known_by: str | None, refinement: Any) -> str:
    is_usable = known_by and not refinement and learning.is_here(known_by)
    return known_by if known_by and is_usable else learning.fingerprint()


def of_changing() -> dict[int, str]:
    """Return by their ids what those projects go by that wait for the backbone that reads now."""
    taught = Project.objects.filter(erased_at=None, version__isnull=False)
    others = taught.exclude(version__fingerprint=learning.fingerprint())
    goes_by = {pk: _usable(*said) for pk, *said in others.values_list("pk", *_OF_VERSION)}
    return {pk: known_by for pk, known_by in goes_by.items() if known_by != learning.fingerprint()}


def to_learn_by(project: Project) -> str:
    """Return what the vectors are known by that a project's next version learns from.

    They are those of the backbone that reads now as soon as it has read all, and until then those
    that the project goes by.
    """
    known_by = in_use(project)
    is_changed = known_by == learning.fingerprint() or not _is_any_left_to_read(project.pk)
    return learning.fingerprint() if is_changed else known_by


def _is_any_left_to_read(project_id: int) -> bool:
    """Say whether there are pictures that the backbone that reads now did not read, nor fail to."""
    new = Embedding.objects.filter(image=OuterRef("pk"), fingerprint=learning.fingerprint())
    ready = Image.objects.filter(project=project_id, status=Image.Status.READY)
    failed = Job.objects.filter(
        kind=Job.Kind.INDEX, project=project_id, state=Job.State.FAILED
    ).values_list("subject_id")
    return ready.filter(~Exists(new)).values_list("pk").difference(failed).exists()
