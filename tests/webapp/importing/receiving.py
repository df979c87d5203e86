"""Data sets as they are sent and looked through."""

import io

from webapp.errors import Invalid
from webapp.models import Import, Job
from webapp.services import importing, jobs
from webapp.tasks import inspect

_TIMEOUT_SECONDS = 60


def send(user, data, project=None, *, filename="pets.zip", **facts) -> Import:
    return importing.receive(
        user=user, filename=filename, stream=io.BytesIO(data), project=project, **facts
    )


def receive(user, data, project=None, **facts) -> Import:
    """Send a data set and look it through in this process, where no worker is quicker."""
    received = send(user, data, project, **facts)
    inspect.run()
    job = jobs.wait(received.job, timeout_seconds=_TIMEOUT_SECONDS)
    if job.state != Job.State.SUCCEEDED:
        raise Invalid(job.error_message, code=job.error_code)
    return importing.find(user=user, import_id=received.pk)
